import type { FastifyReply, FastifyRequest } from "fastify";
import { AuditqlError } from "../errors.js";
import type { App } from "./app.js";
import type { ServerContext } from "./server_context.js";

/** How a client reaches the server. The mode of the unix socket stands for the token there. */
export type Transport = "tcp" | "unix";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a token. */
    readonly isPublic?: boolean;
  }
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Refuses, before a byte of the body is read, requests that do not come from a client of ours. */
export function guardRequests(app: App, context: ServerContext, transport: Transport): void {
  const hosts = new Set([...loopbackNames, ...context.allowedHosts.map((h) => h.toLowerCase())]);
  app.addHook("onRequest", async (request, reply) => {
    setSecurityHeaders(reply);
    if (transport === "unix") return;
    checkHost(request, hosts);
    checkOrigin(request);
    if (request.routeOptions.config.isPublic !== true) checkToken(request, reply, context);
  });
}

/** True when the client may see more than a public route tells anybody. */
export function isTrusted(
  request: FastifyRequest,
  context: ServerContext,
  transport: Transport,
): boolean {
  if (transport === "unix") return true;
  const token = bearerToken(request);
  return token !== null && context.tokens.verify(token);
}

/** A page at http://evil.example whose name resolves to 127.0.0.1 still sends its own name. */
function checkHost(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  const host = (request.headers.host ?? "").toLowerCase();
  const name = host.replace(/:\d{1,5}$/, "");
  if (hosts.has(name)) return;
  throw new AuditqlError(
    "host_refused",
    `The Host header ${JSON.stringify(host.slice(0, 100))} is not one of this server. Use 127.0.0.1, or configure the name.`,
  );
}

/** Browsers send Origin with every cross-site request that could change or read something. */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isOwnOrigin = origin === undefined || origin === `http://${host}`;
  const isOwnSite = site === undefined || site === "same-origin" || site === "none";
  if (isOwnOrigin && isOwnSite) return;
  throw new AuditqlError("origin_refused", "Requests from pages of other sites are refused.");
}

function checkToken(request: FastifyRequest, reply: FastifyReply, context: ServerContext): void {
  const token = bearerToken(request);
  if (token === null) {
    reply.header("www-authenticate", 'Bearer realm="auditql"');
    throw new AuditqlError(
      "token_missing",
      "Send 'Authorization: Bearer TOKEN' with the content of the daemon's token file, or use the unix socket.",
    );
  }
  if (!context.tokens.verify(token)) {
    reply.header("www-authenticate", 'Bearer realm="auditql", error="invalid_token"');
    throw new AuditqlError(
      "token_wrong",
      "The bearer token is not this daemon's. Read its token file again.",
    );
  }
}

function bearerToken(request: FastifyRequest): string | null {
  const match = /^Bearer +([\x21-\x7e]{1,1024})$/i.exec(request.headers.authorization ?? "");
  return match?.[1] ?? null;
}

/** Answers hold what attackers typed: no browser may render, frame, sniff or keep them. */
function setSecurityHeaders(reply: FastifyReply): void {
  reply.headers({
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
}
