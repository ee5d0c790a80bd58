import { AuditqlError } from "../../errors.js";
import type { Requester } from "../auth/caller.js";
import type { ServerContext } from "../server_context.js";

/** Lets a bounded number of clients follow events at once, over all listeners together. */
export interface TailAdmission {
  /** Takes a place, or throws `too_many_tails`; call the answer once to give it back. */
  enter(requester: Pick<Requester, "caller" | "isOwner">): () => void;
}

export function createTailAdmission(context: ServerContext): TailAdmission {
  const depth = context.counter({ stage: "serve", name: "tails", metric: "queue_depth" });
  const { tails } = context.limits;
  /** One caller never takes all of several places. */
  const mostOfOne = Math.max(Math.floor(tails / 2), 1);
  /** By caller. */
  const places = new Map<string, number>();
  let active = 0;
  const refuse = (detail: string) => {
    throw new AuditqlError("too_many_tails", `${detail} End one of them first.`);
  };
  return {
    enter({ caller, isOwner }) {
      const own = places.get(caller) ?? 0;
      if (own >= mostOfOne) refuse(`You already have ${own} event streams.`);
      // Root on the unix socket finds a first place even among the places of others.
      if (active >= tails && !(isOwner && own === 0)) {
        refuse(`${active} event streams are open.`);
      }
      places.set(caller, own + 1);
      active += 1;
      depth.set(active);
      return () => {
        const left = (places.get(caller) ?? 1) - 1;
        if (left === 0) places.delete(caller);
        else places.set(caller, left);
        active -= 1;
        depth.set(active);
      };
    },
  };
}
