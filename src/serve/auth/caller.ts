import type { FastifyRequest } from "fastify";
import { callerOf, isOwner } from "../request_guard.js";
import type { Role } from "./token_holder.js";

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
