import type { IncomingMessage } from "node:http";
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

const rowsStart = '{"rows":';
const path = "/v1/events/tail";

/** Reads the daemon's Server-Sent Events until the signal. */
export async function followEvents(address: DaemonAddress, tail: Tail): Promise<void> {
  const { sql, signal } = tail;
  try {
    const asked = `${path}?sql=${encodeURIComponent(sql)}`;
    const answer = await callDaemon(address, { method: "GET", path: asked, signal });
    await deliverAll(answer, tail).finally(() => answer.destroy());
  } catch (error) {
    if (signal.aborted) return;
    throw asCutOff(signal, error);
  }
  if (!signal.aborted) throw asCutOff(signal, Object.assign(new Error(path), { code: "EPIPE" }));
}

/** Hands each event over before the next is read, so that a slow terminal slows the daemon down. */
async function deliverAll(answer: IncomingMessage, tail: Tail): Promise<void> {
  let event = "";
  for await (const lines of lineBatches(answer)) {
    for (const line of lines) {
      if (line.startsWith("event: ")) event = line.slice(7);
      else if (line.startsWith("data: ")) await deliver(event, line.slice(6), tail);
    }
  }
}

async function deliver(event: string, data: string, tail: Tail): Promise<void> {
  if (event === "rows") {
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
