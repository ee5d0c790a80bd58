import { type ProcessCpu, processCpu } from "./process_cpu.js";
import { privateMemoryBytes } from "./process_memory.js";
import type { ResourceUsage } from "./query.js";

/** What a worker takes from the moment the meter is made. */
export class UsageMeter {
  readonly #pid: number | null;
  readonly #cpuAtStart: ProcessCpu;
  readonly #memoryAtStart: number;
  #last: ResourceUsage = { userMs: 0, systemMs: 0, memoryBytes: 0 };

  constructor(pid: number | null) {
    this.#pid = pid;
    this.#cpuAtStart = (pid === null ? null : processCpu(pid)) ?? { userMs: 0, systemMs: 0 };
    this.#memoryAtStart = (pid === null ? null : privateMemoryBytes(pid)) ?? 0;
  }

  /** Taken until now; of a worker that has ended, what was last seen. */
  read(): ResourceUsage {
    const cpu = this.#pid === null ? null : processCpu(this.#pid);
    const memory = this.#pid === null ? null : privateMemoryBytes(this.#pid);
    if (cpu === null || memory === null) return this.#last;
    this.#last = {
      userMs: cpu.userMs - this.#cpuAtStart.userMs,
      systemMs: cpu.systemMs - this.#cpuAtStart.systemMs,
      memoryBytes: Math.max(0, memory - this.#memoryAtStart),
    };
    return this.#last;
  }
}
