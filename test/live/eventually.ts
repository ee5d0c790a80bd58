import { setTimeout as sleep } from "node:timers/promises";

/** Beyond this a test has failed, on however busy a host; emulated ones are ten times as slow. */
const patienceMs = process.env["AUDITQL_EMULATED"] === undefined ? 90_000 : 900_000;

/** The first value of `probe` that `holds`, or the last one when patience is at its end. */
export async function eventually<T>(
  probe: () => Promise<T>,
  holds: (value: T) => boolean,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const value = await probe();
    if (holds(value) || performance.now() > end) return value;
    await sleep(100);
  }
}
