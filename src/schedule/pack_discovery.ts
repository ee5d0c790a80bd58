import type { Pack, ScheduleConfig } from "../config/config.js";
import { messageOf } from "../errors.js";
import type { QueryRunner } from "../sql/query.js";
import type { Clock } from "./clock.js";
import { collectRows } from "./collect_rows.js";
import type { Troubles } from "./troubles.js";

export interface PackDiscoveryOptions {
  readonly refreshSeconds: number;
  readonly limits: ScheduleConfig["limits"];
  readonly runner: QueryRunner;
  readonly clock: Clock;
  readonly troubles: Troubles;
}

/** Figures of one pack, as osquery_packs shows them. */
export interface DiscoveryFigures {
  /** Null while the first answer is on its way. */
  readonly active: boolean | null;
  readonly executions: number;
  readonly cacheHits: number;
}

interface Verdict extends DiscoveryFigures {
  readonly until: number;
  readonly pending: Promise<boolean>;
}

/** Which packs run: those whose discovery queries each return a row. */
export class PackDiscovery {
  readonly #options: PackDiscoveryOptions;
  readonly #verdicts = new Map<string, Verdict>();

  constructor(options: PackDiscoveryOptions) {
    this.#options = options;
  }

  /** Asked before each run; the answer is kept for pack_refresh_interval. */
  async isActive(pack: Pack): Promise<boolean> {
    if (pack.discovery.length === 0) return true;
    const now = this.#options.clock.now();
    const present = this.#verdicts.get(pack.name);
    if (present !== undefined && now < present.until) {
      this.#verdicts.set(pack.name, { ...present, cacheHits: present.cacheHits + 1 });
      return present.pending;
    }
    const pending = this.#discover(pack);
    const verdict: Verdict = {
      until: now + this.#options.refreshSeconds * 1000,
      pending,
      active: present?.active ?? null,
      executions: (present?.executions ?? 0) + 1,
      cacheHits: present?.cacheHits ?? 0,
    };
    this.#verdicts.set(pack.name, verdict);
    const active = await pending;
    this.#verdicts.set(pack.name, { ...(this.#verdicts.get(pack.name) ?? verdict), active });
    return active;
  }

  figures(pack: Pack): DiscoveryFigures {
    const untold = {
      active: pack.discovery.length === 0 ? true : null,
      executions: 0,
      cacheHits: 0,
    };
    const { active, executions, cacheHits } = this.#verdicts.get(pack.name) ?? untold;
    return { active, executions, cacheHits };
  }

  async #discover(pack: Pack): Promise<boolean> {
    const { runner, limits, troubles } = this.#options;
    for (const sql of pack.discovery) {
      try {
        const name = `discovery_${pack.name}`;
        const rows = await collectRows(runner, { name, sql, format: "osquery", limits });
        troubles.works("discovery", pack.name, `discovery of pack ${pack.name}`);
        if (rows.length === 0) return false;
      } catch (error) {
        const cause = messageOf(error);
        const message = `discovery query of pack ${pack.name} failed; the pack does not run: ${cause}`;
        troubles.failed("discovery", pack.name, "warn", message);
        return false;
      }
    }
    return true;
  }
}
