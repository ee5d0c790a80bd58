import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { writeFileSync } from "node:fs";
import { AuditqlError, errnoOf } from "../../errors.js";
import { readSecretFile, secretFileFailed } from "./secret_file.js";
import type { TokenVerifier } from "./token_holder.js";

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
    verify(token) {
      const known = expected;
      // Hashing first makes both sides equally long, so that the comparison tells nothing of either.
      if (!timingSafeEqual(digest(token), known)) return null;
      return { name: "token", role: "admin", isValid: () => expected.equals(known) };
    },
  };
}

const newTokenRemedy = "Remove it; the next start of the daemon creates a new one.";

/** Reads a token; refuses a file that others could have read or replaced. */
export function readToken(path: string, remedy = newTokenRemedy): string {
  const token = readSecretFile(path, { maxBytes: maxTokenLength, remedy }).trim();
  if (token.length < 16) {
    throw new AuditqlError(
      "token_file_insecure",
      `${path} does not contain a token of at least 16 characters. ${remedy}`,
    );
  }
  return token;
}

function createTokenFile(path: string): void {
  try {
    // "wx": O_EXCL, so that a link that waits at the path is neither followed nor overwritten.
    writeFileSync(path, `${randomBytes(tokenBytes).toString("base64url")}\n`, {
      flag: "wx",
      mode: 0o600,
    });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw secretFileFailed(path, cause);
  }
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
