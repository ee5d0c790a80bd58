import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { addonPath, loadAddon } from "../../src/native/addon.js";
import type { SqlValue } from "../../src/native/connection.js";
import { stateTables } from "../../src/tables/all.js";
import { nativeTables } from "../../src/tables/define_table.js";
import { openHost } from "../../src/tables/host.js";

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** State tables in SQLite, over a host that has these files only. */
export class MadeUpDatabase {
  readonly root = mkdtempSync(join(tmpdir(), "auditql-made-up-"));
  /** Of all statements so far. */
  readonly warnings = new Set<string>();
  readonly #database = new Database(":memory:");

  constructor(files: Readonly<Record<string, string>> = {}, ownUid = 0) {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.#database.loadExtension(addonPath);
    const connection = loadAddon().takeConnection();
    const host = openHost({
      root: this.root,
      now: Date.now,
      daemonRows: () => ({}),
      ownUid,
      warn: (message) => this.warnings.add(message),
    });
    for (const table of stateTables) {
      for (const native of nativeTables(table, host)) connection.defineTable(native);
    }
  }

  /** A file, or with a slash at the end of its path a folder. */
  write(path: string, content = ""): void {
    mkdirSync(dirname(join(this.root, `${path}x`)), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(join(this.root, path), content);
  }

  link(path: string, target: string): void {
    symlinkSync(target, join(this.root, path));
  }

  rows(sql: string): readonly SqlRow[] {
    return this.#database.prepare<[], SqlRow>(sql).all();
  }

  /** The first column of each row. */
  values(sql: string): readonly SqlValue[] {
    return this.#database.prepare<[], SqlValue>(sql).pluck().all();
  }

  close(): void {
    this.#database.close();
    rmSync(this.root, { recursive: true });
  }
}

/** Lets a test use a made-up host, which goes with it in any case. */
export function onMadeUpHost(
  files: Readonly<Record<string, string>>,
  use: (host: MadeUpDatabase) => void,
  ownUid = 0,
): void {
  const host = new MadeUpDatabase(files, ownUid);
  try {
    use(host);
  } finally {
    host.close();
  }
}
