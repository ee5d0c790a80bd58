import type { FastifyRequest } from "fastify";

/** What a request brings to say whose it is. */
export interface Credentials {
  readonly token: string | null;
  readonly session: { readonly id: string; readonly key: string } | null;
}

/** Cookie with the id of a browser's session. */
export const sessionCookieName = "auditql_session";
/** Header with the key of a browser's session. */
const sessionKeyHeader = "auditql-session-key";

const secretPattern = /^[A-Za-z0-9_-]{43}$/;

export function readCredentials(request: FastifyRequest): Credentials {
  const match = /^Bearer +([\x21-\x7e]{1,1024})$/i.exec(request.headers.authorization ?? "");
  const id = sessionCookie(request);
  const key = request.headers[sessionKeyHeader];
  const isWhole = id !== null && typeof key === "string" && secretPattern.test(key);
  return { token: match?.[1] ?? null, session: isWhole ? { id, key } : null };
}

/** Id of the session that the cookie names; null without one of the right form. */
export function sessionCookie(request: FastifyRequest): string | null {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === sessionCookieName && value !== undefined && secretPattern.test(value)) {
      return value;
    }
  }
  return null;
}
