import { contenderNames } from "./contenders.js";
import { type Taken, wholeCost } from "./measure.js";
import { series, type Turns } from "./overhead_bench.js";
import { type Estimate, estimate, estimateText, paired } from "./statistics.js";

interface Goal {
  readonly title: string;
  readonly atMost: number;
  readonly found: Estimate;
}

const [shells, connects] = [0, 1];

/** What auditql shall cost at most, and whether it did; each figure is of the same rounds. */
export function goalLines(turns: Turns): readonly string[] {
  return goals(turns)
    .filter(({ found }) => Number.isFinite(found.value))
    .map(({ title, atMost, found }) => {
      const verdict = found.value <= atMost ? "met" : "not met";
      return `- ${title}: ${estimateText(found, 3)}, at most ${atMost}: ${verdict}`;
    });
}

function goals(turns: Turns): readonly Goal[] {
  const { off, ebpf, audit, auditd, auditReader, ringReader } = contenderNames;
  const of = (name: string, pick: (taken: Taken) => number, workload = shells) =>
    series(turns, name, workload, pick);
  const ratio = (name: string) =>
    of(name, wholeCost).map((cost, round) => cost / (of(off, wholeCost)[round] ?? Number.NaN));
  const share = (name: string, pick: (taken: Taken) => number) =>
    paired(of(name, pick), of(auditd, pick), (a, b) => a / b);
  const observer = (taken: Taken) => taken.observer;
  const elapsed = (taken: Taken) => taken.elapsed;
  const perCall = (taken: Taken) => (taken.workload / taken.made) * 1e6;
  const [reader, writer] = [ratio(auditReader), ratio(auditd)];
  // From the bare reader, 0, to auditd, 1.
  const way = ratio(audit).map(
    (cost, i) => (cost - (reader[i] ?? Number.NaN)) / ((writer[i] ?? 0) - (reader[i] ?? 0)),
  );
  return [
    {
      title: "whole cost of ebpf above the bare ring reader",
      atMost: 0.03,
      found: paired(ratio(ebpf), ratio(ringReader), (a, b) => a - b),
    },
    { title: "whole cost of ebpf", atMost: 1.1, found: estimate(ratio(ebpf)) },
    {
      title: "way of audit's whole cost from the bare audit reader to auditd",
      atMost: 0.5,
      found: estimate(way),
    },
    { title: "elapsed with ebpf / auditd", atMost: 1, found: share(ebpf, elapsed) },
    { title: "elapsed with audit / auditd", atMost: 1, found: share(audit, elapsed) },
    { title: "CPU of the daemon with audit / auditd", atMost: 0.6, found: share(audit, observer) },
    { title: "CPU of the daemon with ebpf / auditd", atMost: 0.25, found: share(ebpf, observer) },
    {
      title: "µs that a UDP connect costs its caller more with ebpf",
      atMost: 1.5,
      found: paired(of(ebpf, perCall, connects), of(off, perCall, connects), (a, b) => a - b),
    },
  ];
}
