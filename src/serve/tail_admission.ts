import { AuditqlError } from "../errors.js";
import type { ServerContext } from "./server_context.js";

/** Lets a bounded number of clients follow events at once, over all listeners together. */
export interface TailAdmission {
  /** Takes a place, or throws `too_many_tails`; call the answer once to give it back. */
  enter(): () => void;
}

export function createTailAdmission(context: ServerContext): TailAdmission {
  const depth = context.counter({ stage: "serve", name: "tails", metric: "queue_depth" });
  let active = 0;
  return {
    enter() {
      if (active >= context.limits.tails) {
        throw new AuditqlError("too_many_tails", `${active} clients follow events already.`);
      }
      active += 1;
      depth.set(active);
      return () => {
        active -= 1;
        depth.set(active);
      };
    },
  };
}
