import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  asCutOff,
  callDaemon,
  type DaemonAddress,
  readProblem,
  unexpected,
} from "./daemon_connection.js";
import { lineBatches } from "./line_batches.js";
import type { Tail } from "./query_source.js";
import { splitRows } from "./row_cells.js";
import { isTransientError } from "./transient_error.js";

const rowsStart = '{"rows":';
const path = "/v1/events/tail";
/** How soon a daemon that went away is looked for again. */
const retryMs = 1000;
/** The daemon says every 10 s that it is there: one that is silent for longer is not. */
const silenceMs = 35_000;

/** Where a tail is, over the connections that it takes. */
interface Place {
  readonly address: DaemonAddress;
  readonly tail: Tail;
  /** The event up to which all was shown; null before the first answer. */
  eid: string | null;
  /** The connection was lost, and its user was told. */
  isLost: boolean;
}

/** Reads the daemon's Server-Sent Events until the signal. A daemon that goes away is waited for, and
 * goes on after the event that was shown last. */
export async function followEvents(address: DaemonAddress, tail: Tail): Promise<void> {
  const place: Place = { address, tail, eid: null, isLost: false };
  while (!tail.signal.aborted) {
    const error = await followOnce(place);
    if (tail.signal.aborted) return;
    if (place.eid === null || !isTransientError(error)) throw error;
    if (!place.isLost) await tail.onLost();
    place.isLost = true;
    // Ends early when the signal does, which the loop sees.
    await sleep(retryMs, undefined, { signal: tail.signal }).catch(() => {});
  }
}

/** Follows as long as the connection holds; answers with what ended it. */
async function followOnce(place: Place): Promise<unknown> {
  const { address, tail, eid } = place;
  const { sql, signal } = tail;
  const after = eid === null ? "" : `&after=${eid}`;
  const asked = `${path}?sql=${encodeURIComponent(sql)}&format=shell${after}`;
  try {
    const answer = await callDaemon(address, { method: "GET", path: asked, signal });
    answer.setTimeout(silenceMs, () => answer.destroy(connectionError()));
    await deliverAll(answer, place).finally(() => answer.destroy());
    return asCutOff(signal, connectionError());
  } catch (error) {
    return asCutOff(signal, error);
  }
}

function connectionError(): Error {
  return Object.assign(new Error(path), { code: "EPIPE" });
}

/** Hands each event over before the next is read, so that a slow terminal slows the daemon down. */
async function deliverAll(answer: IncomingMessage, place: Place): Promise<void> {
  let event = "";
  let id: string | null = null;
  for await (const lines of lineBatches(answer)) {
    for (const line of lines) {
      if (line.startsWith("event: ")) event = line.slice(7);
      else if (line.startsWith("id: ")) id = line.slice(4);
      else if (line.startsWith("data: ")) await deliver(event, line.slice(6), place);
      // An empty line ends a message: only now all that it stands for was shown.
      else if (line === "") place.eid = id ?? place.eid;
    }
  }
}

async function deliver(event: string, data: string, place: Place): Promise<void> {
  const { tail } = place;
  if (event === "start" && place.isLost) {
    place.isLost = false;
    await tail.onFound();
  } else if (event === "rows") {
    if (!data.startsWith(rowsStart)) throw unexpected(path);
    // Not parsed: integers of 64 bits must keep their text.
    await tail.onRows(splitRows(data, rowsStart.length));
  } else if (event === "missed") {
    await tail.onMissed(readMissed(data));
  } else if (event === "error") {
    throw readProblem(data) ?? unexpected(path);
  }
}

function readMissed(data: string): number {
  const missed: unknown = JSON.parse(data);
  const isCount = typeof missed === "object" && missed !== null && "events" in missed;
  if (!isCount || typeof missed.events !== "number") throw unexpected(path);
  return missed.events;
}
