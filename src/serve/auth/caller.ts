import type { FastifyRequest } from "fastify";
import { AuditqlError } from "../../errors.js";
import type { SocketPeer } from "./socket_peers.js";
import type { Role } from "./token_holder.js";

/** How a client reaches the server. On the unix socket the kernel says who it is. */
export type Transport = "tcp" | "unix";

/** Whose request it is. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Who connected to the unix socket; null on TCP. */
  readonly peer: SocketPeer | null;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null on public routes whose caller did not say who it is. */
    caller: Caller | null;
  }
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new AuditqlError("token_missing", "Authentication required.");
  return request.caller;
}

/** Root, or the daemon's own user, on its socket: nobody else's requests are slowed down by theirs. */
export function isOwner({ peer, role }: Caller): boolean {
  return peer !== null && role === "admin";
}

/** Who asked for a query, as the log and the list of running queries show it. */
export interface Requester {
  /** Name of the caller's token, or `uid:UID` on the unix socket. */
  readonly caller: string;
  /** Address and port, or `unix:PID`. */
  readonly peer: string;
  /** Origin of the caller's queries: `unix:UID`, or `http:CALLER`. */
  readonly origin: string;
  readonly role: Role;
  /** Root, or the daemon's own user, on the unix socket. */
  readonly isOwner: boolean;
}

export function requesterOf(request: FastifyRequest): Requester {
  const caller = callerOf(request);
  const { name, peer, role } = caller;
  if (peer !== null) {
    return {
      caller: name,
      peer: `unix:${peer.pid}`,
      origin: `unix:${peer.uid}`,
      role,
      isOwner: isOwner(caller),
    };
  }
  const { remoteAddress, remotePort } = request.socket;
  return {
    caller: name,
    peer: `${remoteAddress}:${remotePort}`,
    origin: `http:${name}`,
    role,
    isOwner: false,
  };
}
