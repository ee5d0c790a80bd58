import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { AuditqlError } from "../errors.js";

/** Decides whether a bearer token opens the API. */
export interface TokenVerifier {
  verify(token: string): boolean;
}

/** The token of one file. Only its hash is kept in memory. */
export interface TokenFile extends TokenVerifier {
  readonly path: string;
  /** Reads the file again: a token that was replaced holds from now on, the old one no more. */
  reload(): void;
}

/** 256 bits: guessing is out of the question, so failed attempts need no lock-out. */
const tokenBytes = 32;
/** Longest content that is read: anything longer is not a token. */
const maxTokenLength = 1024;

/** Opens the token file, making one with a new token (mode 0600) where there is none. */
export function openTokenFile(path: string): TokenFile {
  createTokenFile(path);
  let expected = digest(readToken(path));
  return {
    path,
    reload() {
      expected = digest(readToken(path));
    },
    // Hashing first makes both sides equally long, so that the comparison tells nothing of either.
    verify: (token) => timingSafeEqual(digest(token), expected),
  };
}

/** Reads a token; refuses a file that others could have read or replaced. */
export function readToken(path: string): string {
  const fd = openForReading(path);
  try {
    const status = fstatSync(fd);
    const isOurs = status.uid === process.geteuid?.() || process.geteuid?.() === 0;
    if (!status.isFile() || !isOurs || (status.mode & 0o077) !== 0) {
      throw new AuditqlError(
        "token_file_insecure",
        `${path} must be a regular file of this user with mode 0600. Remove it, and the next start of the daemon makes a new one.`,
      );
    }
    const token = status.size <= maxTokenLength ? readFileSync(fd, "utf8").trim() : "";
    if (token.length < 16) {
      throw new AuditqlError(
        "token_file_insecure",
        `${path} holds no token of at least 16 characters. Remove it, and the next start of the daemon makes a new one.`,
      );
    }
    return token;
  } finally {
    closeSync(fd);
  }
}

function createTokenFile(path: string): void {
  try {
    // "wx": O_EXCL, so that a link that waits at the path is neither followed nor overwritten.
    writeFileSync(path, `${randomBytes(tokenBytes).toString("base64url")}\n`, {
      flag: "wx",
      mode: 0o600,
    });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw tokenFileFailed(path, cause);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw tokenFileFailed(path, cause);
  }
}

function tokenFileFailed(path: string, cause: unknown): AuditqlError {
  return new AuditqlError("token_file_failed", `${path}: ${errnoOf(cause)}`, { cause });
}

function errnoOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
