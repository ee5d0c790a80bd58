import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchDaemon } from "./bench_daemon.js";

export interface CancelTiming {
  /** From the cancel to the end of the query's answer. */
  readonly answerMs: number;
  /** To the moment from which on its worker does nothing, or is gone. */
  readonly workMs: number;
}

export interface CancelledQuery {
  readonly sql: string;
  /** How long it runs before. */
  readonly afterMs: number;
}

/** A thread that sleeps for so long has nothing to do. */
const restMs = 5;

/** Cancels a query in the midst of its work. */
export async function timeCancel(
  daemon: BenchDaemon,
  { sql, afterMs }: CancelledQuery,
): Promise<CancelTiming> {
  const body = JSON.stringify({ sql, format: "ndjson", limits: { maxBytes: 2 ** 40 } });
  const answered = daemon.open("POST", "/v1/query", body).then(endOfText);
  const id = await daemon.runningQuery();
  const before = new Map(daemon.children().map((pid) => [pid, runningNs(pid)]));
  await sleep(afterMs);
  const worker = busiest(before);
  const start = performance.now();
  (await daemon.open("DELETE", `/v1/queries/${id}`, null)).resume();
  const rested = restOf(worker).then((at) => at - start);
  const end = await answered;
  const answerMs = performance.now() - start;
  if (!end.includes("query_cancelled")) throw new Error(`not cancelled: ${end}`);
  return { answerMs, workMs: await rested };
}

async function endOfText(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of answer) text = (text + String(part)).slice(-1024);
  return text;
}

/** The process that has worked most since. */
function busiest(before: ReadonlyMap<number, number | null>): number {
  const [first] = [...before]
    .map(([pid, ns]) => ({ pid, taken: (runningNs(pid) ?? 0) - (ns ?? 0) }))
    .sort((a, b) => b.taken - a.taken);
  if (first === undefined) throw new Error("the daemon has no worker");
  return first.pid;
}

/** When the main thread of a process fell asleep, or the process ended. */
async function restOf(pid: number): Promise<number> {
  for (;;) {
    const at = performance.now();
    const ns = runningNs(pid);
    if (ns === null) return at;
    if (!isAsleep(pid)) {
      await sleep(1);
      continue;
    }
    await sleep(restMs);
    if (runningNs(pid) === ns && isAsleep(pid)) return at;
  }
}

/** Time on a processor of its main thread (Documentation/scheduler/sched-stats.rst). */
function runningNs(pid: number): number | null {
  const stat = readIfThere(`/proc/${pid}/task/${pid}/schedstat`);
  return stat === null ? null : Number(stat.split(" ")[0]);
}

function isAsleep(pid: number): boolean {
  const stat = readIfThere(`/proc/${pid}/task/${pid}/stat`) ?? "";
  return /^[SZ]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It ended meanwhile.
    return null;
  }
}
