import type { FastifyRequest } from "fastify";
import { callerOf, type Transport } from "./request_guard.js";

/** Who asked for a query, as the log and the list of running queries show it. */
export interface Requester {
  /** Name of the caller's token, or `socket`. */
  readonly caller: string;
  /** Address and port, or `unix`. */
  readonly peer: string;
  /** Origin of the caller's queries: `unix`, or `http:CALLER`. */
  readonly origin: string;
}

export function requesterOf(request: FastifyRequest, transport: Transport): Requester {
  const { name } = callerOf(request);
  const { remoteAddress, remotePort } = request.socket;
  return {
    caller: name,
    peer: remoteAddress === undefined ? "unix" : `${remoteAddress}:${remotePort}`,
    origin: transport === "unix" ? "unix" : `http:${name}`,
  };
}
