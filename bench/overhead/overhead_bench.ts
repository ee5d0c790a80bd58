import { alternate, median } from "../alternate.js";
import type { BenchOptions } from "../bench_options.js";
import { figure, markdownTable } from "../markdown_table.js";
import { AuditGuard } from "./audit_guard.js";
import { captureRules, contenderNames, contenders } from "./contenders.js";
import { goalLines } from "./goals.js";
import { measureTurn, type Taken, type Turn, type Workload, wholeCost } from "./measure.js";
import { writeOverheadPlot } from "./overhead_plot.js";
import { estimateText, paired } from "./statistics.js";
import { measureStorm } from "./storm.js";

/** Turns of each contender by round. */
export type Turns = ReadonlyMap<string, readonly Turn[]>;

/** What observing costs the host: auditql, auditd, laurel, readers that do nothing, and none. */
export async function benchOverhead(options: BenchOptions): Promise<void> {
  console.log("\n## overhead\n");
  const why = AuditGuard.whyNot();
  if (why !== null) return console.log(`skipped: ${why}`);
  const guard = new AuditGuard();
  await guard.use(async () => {
    if (options.stormSeconds > 0) return measureStorm(guard, options.stormSeconds);
    const workloads = workloadsOf(options);
    const turns = new Map<string, Turn[]>();
    const measured = contenders(options.peers).map((contender) => ({
      name: contender.name,
      measure: async () => {
        const turn = await measureTurn(guard, contender, workloads);
        turns.set(contender.name, [...(turns.get(contender.name) ?? []), turn]);
        return turn.taken.reduce((sum, each) => sum + wholeCost(each), 0);
      },
    }));
    await alternate(measured, options.rounds);
    print(turns, workloads);
    if (options.plot !== null) writeOverheadPlot(options.plot, turns);
  });
}

function workloadsOf({ shells, connects }: BenchOptions): readonly Workload[] {
  return [
    {
      title: `${figure(shells)} short shells, each sending a datagram`,
      arguments: ["shells", `${shells}`],
    },
    { title: `${figure(connects)} UDP connects`, arguments: ["connects", `${connects}`] },
  ];
}

/** A figure of one workload, by round. */
export function series(
  turns: Turns,
  name: string,
  workload: number,
  of: (taken: Taken) => number,
): readonly number[] {
  return (turns.get(name) ?? []).map(({ taken }) => {
    const found = taken[workload];
    return found === undefined ? Number.NaN : of(found);
  });
}

function print(turns: Turns, workloads: readonly Workload[]): void {
  const rounds = turns.get(contenderNames.off)?.length ?? 0;
  console.log(`${rounds} rounds. Rules of those that read the audit stream:\n`);
  console.log(captureRules().replace(/^/gm, "    ").trimEnd());
  workloads.forEach(({ title }, workload) => {
    console.log(`\n${title}\n\n${costTable(turns, workload)}`);
  });
  console.log(`\nboth workloads\n\n${recordTable(turns)}`);
  console.log(`\n${goalLines(turns).join("\n")}`);
}

function costTable(turns: Turns, workload: number): string {
  const { off, auditd } = contenderNames;
  const head = [
    "",
    "whole cost / off",
    "elapsed / off",
    "elapsed, s",
    "workload, CPU s",
    "kernel thread",
    "observer at 2 s",
    "until quiet",
    "/ auditd's",
    "µs more per call",
  ];
  const rows = [...turns.keys()].map((name) => {
    const of = (pick: (taken: Taken) => number, whose = name) =>
      series(turns, whose, workload, pick);
    const ratio = (pick: (taken: Taken) => number, to: string) =>
      paired(of(pick), of(pick, to), (a, b) => a / b);
    const middle = (pick: (taken: Taken) => number) => figure(median(of(pick)));
    const perCall = (taken: Taken) => (taken.workload / taken.made) * 1e6;
    const more = paired(of(perCall), of(perCall, off), (a, b) => a - b);
    return [
      name,
      estimateText(ratio(wholeCost, off), 3),
      estimateText(
        ratio((taken) => taken.elapsed, off),
        3,
      ),
      middle((taken) => taken.elapsed),
      middle((taken) => taken.workload),
      middle((taken) => taken.kernel),
      middle((taken) => taken.early),
      middle((taken) => taken.observer),
      name === off
        ? "-"
        : estimateText(
            ratio((taken) => taken.observer, auditd),
            3,
          ),
      estimateText(more, 2),
    ];
  });
  return markdownTable(head, rows);
}

function recordTable(turns: Turns): string {
  const number = (value: number | undefined) => (value === undefined ? "-" : figure(value));
  const rows = [...turns].map(([name, each]) => {
    const lost = each.map((turn) => turn.lost ?? Number.NaN);
    const least = (of: "processes" | "connects") => {
      const found = each.flatMap(({ recorded }) => (recorded === null ? [] : [recorded[of]]));
      return number(found.length > 0 ? Math.min(...found) : undefined);
    };
    return [
      name,
      figure(Math.max(...lost)),
      least("processes"),
      least("connects"),
      figure(median(each.map(({ residentBytes }) => residentBytes)) / 1e6),
    ];
  });
  return markdownTable(
    ["", "lost, most in a round", "shells recorded", "connects recorded", "resident, MB"],
    rows,
  );
}
