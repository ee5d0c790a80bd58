import { createHash, timingSafeEqual } from "node:crypto";
import { AuditqlError } from "../../errors.js";
import { stampOf } from "../../util/file_stamp.js";
import { readSecretFile } from "./secret_file.js";
import type { Role, TokenVerifier } from "./token_holder.js";

/** A token as its file has it: only the hash, so that reading the file opens nothing. */
interface ListedToken {
  readonly name: string;
  readonly role: Role;
  readonly hash: Buffer;
}

export interface TokenListOptions {
  readonly path: string;
  /** Told when the file, changed, can no longer be used. */
  readonly onBroken: (error: AuditqlError) => void;
}

const linePattern = /^([A-Za-z0-9._-]{1,64})\s+(read|admin)\s+sha256:([0-9a-f]{64})$/;
const maxFileBytes = 256 * 1024;
/** How soon a change of the file holds. */
const lookMs = 1000;

/**
 * Tokens of a file with a line `NAME read|admin sha256:HEX` each; none where there is no file.
 * A changed file holds within a second. One that cannot be used opens nothing: it is better to
 * refuse a token that was meant to stay than to take one that was meant to go.
 */
export function openTokenList({ path, onBroken }: TokenListOptions): TokenVerifier {
  let stamp = stampOf(path);
  let tokens = readTokenList(path);
  let lookedAt = Date.now();

  function refresh(): void {
    const now = Date.now();
    if (Math.abs(now - lookedAt) < lookMs) return;
    lookedAt = now;
    const current = stampOf(path);
    if (current === stamp) return;
    stamp = current;
    try {
      tokens = readTokenList(path);
    } catch (error) {
      tokens = [];
      onBroken(error instanceof AuditqlError ? error : broken(path, String(error)));
    }
  }

  function find(hash: Buffer): ListedToken | null {
    refresh();
    // No early end: the time taken does not tell which line a token is near to.
    let found: ListedToken | null = null;
    for (const token of tokens) if (timingSafeEqual(token.hash, hash)) found = token;
    return found;
  }

  return {
    verify(token) {
      const hash = createHash("sha256").update(token).digest();
      const found = find(hash);
      if (found === null) return null;
      const { name, role } = found;
      return { name, role, isValid: () => find(hash)?.role === role };
    },
  };
}

/** Tokens of the file, none where there is none; throws `token_list_broken` and the like. */
export function readTokenList(path: string): readonly ListedToken[] {
  if (stampOf(path) === "") return [];
  const remedy = "Correct it with chown and chmod 600.";
  const lines = readSecretFile(path, { maxBytes: maxFileBytes, remedy }).split("\n");
  return lines.flatMap((line, index) => {
    const text = line.trim();
    return text === "" || text.startsWith("#") ? [] : [parseLine(path, text, index + 1)];
  });
}

function parseLine(path: string, text: string, line: number): ListedToken {
  const [, name, role, hex] = linePattern.exec(text) ?? [];
  if (name === undefined || hex === undefined || (role !== "read" && role !== "admin")) {
    throw broken(path, `line ${line} does not have the format NAME read|admin sha256:HEX`);
  }
  return { name, role, hash: Buffer.from(hex, "hex") };
}

function broken(path: string, reason: string): AuditqlError {
  return new AuditqlError("token_list_broken", `${path}: ${reason}.`);
}
