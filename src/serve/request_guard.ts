import type { FastifyReply, FastifyRequest } from "fastify";
import { AuditqlError } from "../errors.js";
import type { App } from "./app.js";
import { type Caller, callerOf, isOwner, type Transport } from "./auth/caller.js";
import { type Credentials, readCredentials, sessionCookie } from "./auth/credentials.js";
import type { Role, TokenHolder } from "./auth/token_holder.js";
import type { RateLimits } from "./limits/rate_limits.js";
import { authorityOf } from "./request_target.js";
import type { ServerContext } from "./server_context.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a token. */
    readonly isPublic?: boolean;
    /** Role that a caller needs; `read` unless given. */
    readonly role?: Role;
    /** Document of the web page. */
    readonly isPage?: boolean;
  }
}

interface GuardOptions {
  readonly transport: Transport;
  readonly rateLimits: RateLimits;
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Refuses, before a byte of the body is read, requests that do not come from a client of ours. */
export function guardRequests(app: App, context: ServerContext, options: GuardOptions): void {
  const { transport, rateLimits } = options;
  const hosts = new Set([...loopbackNames, ...context.allowedHosts.map((h) => h.toLowerCase())]);
  app.decorateRequest("caller", null);
  app.addHook("onRequest", async (request, reply) => {
    // Answers hold what attackers typed, and belong to one caller: nothing on the way keeps them.
    reply.header("cache-control", "no-store");
    const host = hostOf(request);
    if (transport === "unix") {
      request.caller = identifyPeer(request, context);
    } else {
      checkHost(host, hosts);
      checkOrigin(request, context);
      request.caller = identify(request, context);
    }
    checkEncoding(request);
    if (request.routeOptions.config.isPublic === true) return;
    if (request.caller === null) await refuseStranger(request, reply, rateLimits);
    else if (!isOwner(request.caller)) await rateLimits.takeRequest(request);
    checkRole(request);
  });
}

/** Bodies are read as they come (RFC 9110, section 8.4). */
function checkEncoding(request: FastifyRequest): void {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding.toLowerCase() === "identity") return;
  throw new AuditqlError(
    "content_type_refused",
    "The body has a Content-Encoding. Send it uncompressed, without this header.",
  );
}

/** The origin under which browsers reach the server through this request. */
export function ownOrigin(request: FastifyRequest): string {
  return `${request.protocol}://${hostOf(request)}`;
}

/** The host that a request is for: of a target in absolute form its own, else that of its only Host
 * header (RFC 9112, section 3.2). */
function hostOf(request: FastifyRequest): string {
  const names = request.raw.rawHeaders.filter((_, at) => at % 2 === 0);
  const given = names.filter((name) => name.toLowerCase() === "host").length;
  if (given !== 1) {
    throw new AuditqlError(
      "request_malformed",
      `The request has ${given} Host headers. Send exactly one, with the name of this server.`,
    );
  }
  return (authorityOf(request.originalUrl) ?? request.headers.host ?? "").toLowerCase();
}

/** A page at http://evil.example whose name resolves to 127.0.0.1 still sends its own name. */
function checkHost(host: string, hosts: ReadonlySet<string>): void {
  const name = host.replace(/:\d{1,5}$/, "");
  if (hosts.has(name)) return;
  throw new AuditqlError(
    "host_refused",
    `The Host header ${JSON.stringify(host.slice(0, 100))} is not a name of this server. Use 127.0.0.1, or add the name to auditql.http.allowed_hosts.`,
  );
}

/**
 * Browsers send Origin with every cross-site request that could change or read something. A session
 * comes with a cookie, which browsers also add to requests of others: it is taken only with proof
 * that the server's own page sent the request.
 */
function checkOrigin(request: FastifyRequest, context: ServerContext): void {
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isNavigation = request.headers["sec-fetch-mode"] === "navigate" && request.method === "GET";
  const isOwnOrigin = origin === undefined || origin === ownOrigin(request);
  const isOwnSite = site === undefined || site === "same-origin" || site === "none";
  const isOwn = isOwnOrigin && (isOwnSite || (isNavigation && isPageRoute(request)));
  const hasProof = origin !== undefined || site === "same-origin";
  const needsProof = sessionCookie(request) !== null && request.headers.authorization === undefined;
  const isPublic = request.routeOptions.config.isPublic === true;
  if (isOwn && (hasProof || !needsProof || isPublic)) return;
  context.logger.debug({ origin, site }, "a request of another origin");
  throw new AuditqlError("origin_refused", "Cross-origin requests are rejected.");
}

/** A link in a mail or on another page may lead to the page itself, which shows nothing yet. */
function isPageRoute(request: FastifyRequest): boolean {
  return request.routeOptions.config.isPage === true;
}

function identify(request: FastifyRequest, context: ServerContext): Caller | null {
  const holder = holderOf(readCredentials(request), context);
  return holder === null ? null : { name: holder.name, role: holder.role, peer: null };
}

function holderOf({ token, session }: Credentials, context: ServerContext): TokenHolder | null {
  if (token !== null) return context.tokens.verify(token);
  return session === null ? null : context.sessions.find(session.id, session.key);
}

function identifyPeer(request: FastifyRequest, context: ServerContext): Caller {
  const peer = context.socketPeers.admit(request.raw.socket);
  return { name: `uid:${peer.uid}`, role: peer.role, peer };
}

async function refuseStranger(
  request: FastifyRequest,
  reply: FastifyReply,
  limits: RateLimits,
): Promise<never> {
  const { token, session } = readCredentials(request);
  if (token !== null || session !== null) await limits.takeFailure(request);
  if (token !== null) {
    reply.header("www-authenticate", 'Bearer realm="auditql", error="invalid_token"');
    throw new AuditqlError(
      "token_wrong",
      "The bearer token is invalid. Reload it from the daemon's token file.",
    );
  }
  reply.header("www-authenticate", 'Bearer realm="auditql"');
  throw new AuditqlError(
    "token_missing",
    "Send 'Authorization: Bearer TOKEN' with the content of the daemon's token file, or use the unix socket.",
  );
}

function checkRole(request: FastifyRequest): void {
  if (request.routeOptions.config.role !== "admin") return;
  const { name, role } = callerOf(request);
  if (role === "admin") return;
  throw new AuditqlError(
    "role_refused",
    `${name} has the role ${role}; this request requires the role admin.`,
  );
}
