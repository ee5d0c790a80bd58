import { whyNoLiveAudit } from "../test/live/audit_state.js";
import { LiveHost } from "../test/live/live_host.js";
import { measureDelays, streamingSchedule } from "../test/live/streaming_delays.js";
import type { BenchOptions } from "./bench_options.js";
import { figure, markdownTable } from "./markdown_table.js";

const processesPerRound = 100;
const maxPauseMs = 200;
const intervalSeconds = 10;

/** How long it takes from a call to its line in the log: as events arrive, and at intervals. */
export async function benchStreaming({ rounds }: BenchOptions): Promise<void> {
  const why = whyNoLiveAudit();
  if (why !== null) return console.log(`\n## streaming\n\nskipped: ${why}`);
  const host = new LiveHost();
  host.begin();
  try {
    const { logPath, statePath } = host.home;
    await host.start({
      config: {
        options: { logger_path: logPath },
        auditql: { state_path: statePath, http: { port: 0 }, log: {} },
        schedule: streamingSchedule(intervalSeconds),
      },
    });
    const processes = rounds * processesPerRound;
    const { streamed, timed } = await measureDelays(host.home, { processes, maxPauseMs });
    console.log(
      `\n## streaming\n\nmilliseconds from an execve to its line in the log, ${figure(processes)} processes\n`,
    );
    console.log(
      markdownTable(
        ["", "median", "p99", "longest"],
        [
          ["`streaming`", ...delayFigures(streamed)],
          [`\`interval\` ${intervalSeconds}`, ...delayFigures(timed)],
        ],
      ),
    );
  } finally {
    await host.end();
  }
}

function delayFigures(rows: readonly { readonly delayMs: number }[]): readonly string[] {
  const sorted = rows.map(({ delayMs }) => delayMs).toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return [quantile(0.5), quantile(0.99), quantile(1)].map(figure);
}
