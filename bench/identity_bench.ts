import { median } from "./alternate.js";
import type { BenchOptions } from "./bench_options.js";
import { figure, markdownTable } from "./markdown_table.js";
import { numberOf, runProgram } from "./native_programs.js";

const liveProcesses = 100_000;
const events = 3_000_000;

/** Events a second through process identity alone, and its memory for each live process. */
export async function benchIdentity(options: BenchOptions): Promise<void> {
  const figures = new Map<string, number[]>();
  for (let round = 0; round < options.rounds; round++) {
    for (const each of await runProgram("identity_load", [`${liveProcesses}`, `${events}`])) {
      const name = String(each["figure"]);
      figures.set(name, [...(figures.get(name) ?? []), numberOf(each, "value")]);
    }
  }
  const rows = [...figures].map(([name, values]) => [name, figure(median(values))]);
  console.log(`\n## identity\n\n${markdownTable(["", "median"], rows)}`);
}
