import type { FastifyRequest } from "fastify";
import { AuditqlError } from "../../errors.js";
import type { App } from "../app.js";
import type { ServerContext } from "../server_context.js";

/** What callers may ask in a minute. Someone who guesses tokens never slows down a valid one. */
export interface RateLimits {
  /** Counts a request of a known caller; throws `too_many_requests`. */
  takeRequest(request: FastifyRequest): Promise<void>;
  /** Counts an attempt with a wrong secret, by address; throws `too_many_requests`. */
  takeFailure(request: FastifyRequest): Promise<void>;
}

const minuteMs = 60_000;

/** Needs @fastify/rate-limit to be registered. Keeps the newest 5000 callers and addresses. */
export function createRateLimits(app: App, context: ServerContext): RateLimits {
  const { requestsPerMinute, failuresPerMinute } = context.limits;
  const requests = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: (request) => `${request.caller?.name} ${request.ip}`,
  });
  const failures = app.createRateLimit({
    max: failuresPerMinute,
    timeWindow: minuteMs,
    keyGenerator: (request) => request.ip,
  });
  const take = async (limit: typeof requests, request: FastifyRequest) => {
    const state = await limit(request);
    if (state.isAllowed || !state.isExceeded) return;
    throw new AuditqlError(
      "too_many_requests",
      `Rate limit exceeded: ${state.max} per minute. Retry in ${state.ttlInSeconds} s.`,
    );
  };
  return {
    takeRequest: (request) => take(requests, request),
    takeFailure: (request) => take(failures, request),
  };
}
