import { setImmediate as nextTurn } from "node:timers/promises";
import type { Host } from "../tables/host.js";
import { dpkgOwnedPaths } from "./dpkg_paths.js";
import { type OwnerPackage, PackagePathIndex } from "./package_path_index.js";
import { rpmOwnedPaths } from "./rpm_paths.js";

export interface PackageIndexOptions {
  readonly host: Host;
  /** Time that reading took. */
  readonly onSpent: (ms: number) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** Files that package managers replace or write when they change what is installed. */
const databases = [
  "/var/lib/dpkg/status",
  "/var/lib/dpkg/diversions",
  "/var/lib/rpm/rpmdb.sqlite",
  "/var/lib/rpm/rpmdb.sqlite-wal",
  "/var/lib/rpm/Packages.db",
  "/var/lib/rpm/Packages",
  "/usr/lib/sysimage/rpm/rpmdb.sqlite",
  "/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
  "/usr/lib/sysimage/rpm/Packages.db",
  "/usr/lib/sysimage/rpm/Packages",
];

const lookEveryMs = 1000;
/** While packages are being installed, the databases change all the time. */
const readEveryMs = 10_000;
/** For so long at most the event loop is held up. */
const turnMs = 5;

/** Which package owns a path of the host, by dpkg's and rpm's databases as they are now. */
export class PackageIndex {
  readonly #options: PackageIndexOptions;
  #owners = new PackagePathIndex();
  #state: string | null = null;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PackageIndexOptions) {
    this.#options = options;
  }

  /** Reads the databases again first, where they have changed. */
  async ownerOf(path: string): Promise<OwnerPackage | null> {
    const nowMs = this.#options.now();
    if (nowMs - this.#lookedAtMs >= lookEveryMs) {
      this.#lookedAtMs = nowMs;
      const state = this.#databaseState();
      if (state !== this.#state && nowMs - this.#readAtMs >= readEveryMs) {
        this.#readAtMs = nowMs;
        this.#owners = await this.#read();
        this.#state = state;
      }
    }
    return this.#owners.find(path);
  }

  get paths(): number {
    return this.#owners.size;
  }

  #databaseState(): string {
    return databases
      .map((path) => this.#options.host.stat(path))
      .map((stat) => (stat === null ? "" : `${stat.ino}:${stat.size}:${stat.mtimeNs}`))
      .join();
  }

  async #read(): Promise<PackagePathIndex> {
    const owners = new PackagePathIndex();
    let turnBeganMs = performance.now();
    const pause = async () => {
      this.#options.onSpent(performance.now() - turnBeganMs);
      await nextTurn();
      turnBeganMs = performance.now();
    };
    for (const source of [dpkgOwnedPaths, rpmOwnedPaths]) {
      for (const { owner, paths } of source(this.#options.host)) {
        const number = owners.addPackage(owner);
        for (const path of paths) owners.add(path, number);
        if (performance.now() - turnBeganMs >= turnMs) await pause();
      }
    }
    await pause();
    return owners;
  }
}
