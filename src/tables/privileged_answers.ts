import type { TableSources } from "../native/table_sources.js";
import type { DaemonRows } from "./daemon_rows.js";
import { type Host, openHost } from "./host.js";
import { packetFilterRows } from "./network/iptables.js";
import { DbusClient } from "./sources/dbus_client.js";
import { fetchAnswer } from "./sources/fetch_answer.js";
import { exchange, isServiceName } from "./sources/local_service.js";
import { privateSocket, unitRows } from "./system/systemd_units.js";

// The daemon waits as long for systemd, and for nobody else.
const unitsTimeoutMs = 2000;

export interface PrivilegedAnswersOptions {
  readonly sources: TableSources;
  readonly daemonRows: () => DaemonRows;
}

/** Reads for query workers (PrivilegedReads) with this process's rights. A worker may have been
 * taken over by what it read: what it asks is checked here, and nothing but reading is done. */
export class PrivilegedAnswers {
  readonly #host: Host;
  readonly #sources: TableSources;

  constructor({ sources, daemonRows }: PrivilegedAnswersOptions) {
    this.#sources = sources;
    this.#host = openHost({ root: "/", now: Date.now, daemonRows, sources });
  }

  /** Null for what is not there, and for all that no table asks. */
  async answer(asked: unknown): Promise<unknown> {
    if (typeof asked !== "object" || asked === null || !("read" in asked)) return null;
    const [first, second]: readonly unknown[] =
      "of" in asked && Array.isArray(asked.of) ? asked.of : [];
    switch (asked.read) {
      case "packetFilter":
        return packetFilterRows(this.#host, this.#sources);
      case "setting":
        return typeof first === "string" ? this.#setting(first) : null;
      case "units":
        return Array.isArray(first) ? this.#units(first.map(String)) : null;
      case "service":
        return this.#service(String(first), String(second));
      default:
        return null;
    }
  }

  #setting(path: string): string | null {
    const parts = path.split("/");
    const isSetting = path.startsWith("/proc/sys/") && !parts.includes("..");
    return isSetting ? this.#host.readText(path) : null;
  }

  #units(columns: readonly string[]): unknown {
    const client = DbusClient.connect(this.#sources, privateSocket, unitsTimeoutMs);
    if (client === null) return null;
    try {
      return unitRows(client, { constraints: [], columns: new Set(columns) });
    } finally {
      client.close();
    }
  }

  async #service(name: string, target: string): Promise<string | null> {
    if (!isServiceName(name)) return null;
    const exchanged = exchange(this.#host, { name, target });
    let step = exchanged.next();
    while (step.done !== true) step = exchanged.next(await fetchAnswer(step.value));
    return step.value;
  }
}
