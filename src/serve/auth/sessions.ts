import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { TokenHolder } from "./token_holder.js";

export interface SessionsOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Beyond this the oldest session ends. */
  readonly maxSessions: number;
  readonly sessionMs: number;
  readonly linkMs: number;
}

/** What a browser gets when it signs in. Neither half opens anything alone. */
export interface OpenedSession {
  /** For the cookie. Browsers send cookies to every port of a host, also to other users' servers. */
  readonly id: string;
  /** For the page, which keeps it where only its own origin, port included, can read it. */
  readonly key: string;
  readonly holder: TokenHolder;
  readonly expiresAt: number;
}

export interface SignInLink {
  readonly code: string;
  readonly expiresAt: number;
}

interface Session {
  readonly keyHash: Buffer;
  readonly holder: TokenHolder;
  readonly expiresAt: number;
}

/** Unused links that may wait at once; one more replaces the oldest. */
const maxLinks = 16;
const secretBytes = 32;

/** Sessions of browsers and the one-time links that open them, by hash, in memory only: a restart
 * signs everybody out. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #links = new Map<string, number>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Makes a code that opens one session with the role admin, once and soon. */
  createLink(): SignInLink {
    const code = randomBytes(secretBytes).toString("base64url");
    const expiresAt = this.#options.now() + this.#options.linkMs;
    this.#links.set(hashText(code), expiresAt);
    dropOldest(this.#links, maxLinks);
    return { code, expiresAt };
  }

  /** Null when the code is unknown, used or too old. */
  redeemLink(code: string): OpenedSession | null {
    const hash = hashText(code);
    const expiresAt = this.#links.get(hash);
    this.#links.delete(hash);
    if (expiresAt === undefined || expiresAt <= this.#options.now()) return null;
    return this.open({ name: "sign-in-link", role: "admin", isValid: () => true });
  }

  open(holder: TokenHolder): OpenedSession {
    const id = randomBytes(secretBytes).toString("base64url");
    const key = randomBytes(secretBytes).toString("base64url");
    const expiresAt = this.#options.now() + this.#options.sessionMs;
    this.#sessions.set(hashText(id), { keyHash: hash(key), holder, expiresAt });
    dropOldest(this.#sessions, this.#options.maxSessions);
    return { id, key, holder, expiresAt };
  }

  /** Whose session it is; null when it has ended, or its token no longer holds. */
  find(id: string, key: string): TokenHolder | null {
    const session = this.#sessions.get(hashText(id));
    if (session === undefined || !timingSafeEqual(hash(key), session.keyHash)) return null;
    if (session.expiresAt > this.#options.now() && session.holder.isValid()) return session.holder;
    this.close(id);
    return null;
  }

  close(id: string): void {
    this.#sessions.delete(hashText(id));
  }
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

// A map finds by hash, so the time of a lookup tells nothing of the secrets that are in it.
function hashText(text: string): string {
  return hash(text).toString("base64");
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
