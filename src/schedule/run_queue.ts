import type { DueRun } from "./due_runs.js";
import type { ScheduleEntry } from "./schedule_entry.js";

export interface RunQueueOptions {
  /** Never rejects. */
  readonly run: (due: DueRun) => Promise<void>;
}

/** Queries over events that come this often must not wait for a slow one. */
const promptSeconds = 60;

/** Runs that are due wait here for a worker; each query runs once at a time. */
export class RunQueue {
  readonly #run: RunQueueOptions["run"];
  readonly #running = new Map<
    string,
    { readonly isPrompt: boolean; readonly ended: Promise<void> }
  >();
  #waiting: DueRun[] = [];
  #workers = 1;

  constructor(options: RunQueueOptions) {
    this.#run = options.run;
  }

  /** Runs that may be on their way at once. Of several, one is kept for frequent event queries. */
  set workers(count: number) {
    this.#workers = count;
  }

  add(runs: readonly DueRun[]): void {
    this.#waiting.push(...runs);
    this.#startNext();
  }

  /** Whether a query runs or waits to. */
  isBusy(name: string): boolean {
    return this.#running.has(name) || this.#waiting.some(({ entry }) => entry.query.name === name);
  }

  /** Forgets runs that wait, of all queries but these. */
  keep(names: ReadonlySet<string>): void {
    this.#waiting = this.#waiting.filter(({ entry }) => names.has(entry.query.name));
  }

  /** Resolves when what runs now has ended. */
  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #startNext(): void {
    while (this.#running.size < this.#workers) {
      const index = this.#waiting.findIndex(({ entry }) => this.#mayStart(entry));
      const [due] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (due === undefined) return;
      this.#start(due);
    }
  }

  #mayStart(entry: ScheduleEntry): boolean {
    if (this.#workers === 1 || isPrompt(entry)) return true;
    const others = [...this.#running.values()].filter((running) => !running.isPrompt).length;
    return others < this.#workers - 1;
  }

  #start(due: DueRun): void {
    const { name } = due.entry.query;
    const ended = this.#run(due).then(() => {
      this.#running.delete(name);
      this.#startNext();
    });
    this.#running.set(name, { isPrompt: isPrompt(due.entry), ended });
  }
}

function isPrompt({ eventTables, timetable }: ScheduleEntry): boolean {
  return (eventTables ?? []).length > 0 && timetable.periodSeconds <= promptSeconds;
}
