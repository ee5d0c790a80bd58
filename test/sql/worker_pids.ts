import { readdirSync, readFileSync } from "node:fs";

/** Query workers that are children of a process. */
export function workerPids(ofParent = process.pid): number[] {
  const children: number[] = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const command = readFileSync(`/proc/${name}/cmdline`, "latin1");
      if (parent === ofParent && command.includes("sql/worker.js")) children.push(Number(name));
    } catch {
      // It ended meanwhile.
    }
  }
  return children;
}
