import type { App } from "../app.js";
import type { Transport } from "../auth/caller.js";
import type { QueryAdmission } from "../limits/query_admission.js";
import type { RateLimits } from "../limits/rate_limits.js";
import type { TailAdmission } from "../limits/tail_admission.js";
import type { ServerContext } from "../server_context.js";

/** What route handlers work with. */
export interface RouteScope {
  readonly context: ServerContext;
  readonly admission: QueryAdmission;
  readonly tails: TailAdmission;
  readonly transport: Transport;
  /** Of this listener: wrong links count with wrong tokens. */
  readonly rateLimits: RateLimits;
}

/** A group of routes: one file each, listed in all.ts. */
export interface RouteGroup {
  readonly name: string;
  readonly register: (app: App, scope: RouteScope) => void;
}

export function defineRoutes(group: RouteGroup): RouteGroup {
  return group;
}
