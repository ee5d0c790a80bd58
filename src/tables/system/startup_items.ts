import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { accounts } from "../sources/account_files.js";

const common = { type: "Startup Item", status: "enabled" };

function filesIn(host: Host, folder: string): string[] {
  const paths = host.list(folder).map((name) => `${folder}${name}`);
  return paths.toSorted().filter((path) => host.stat(path)?.isFile());
}

/** Entries of the freedesktop.org autostart specification. */
function* autostartEntries(host: Host, folder: string): Iterable<TableRows["startup_items"]> {
  for (const path of filesIn(host, folder)) {
    const text = host.readText(path) ?? "";
    const value = (key: string) => text.match(new RegExp(`^${key}=(.*)$`, "m"))?.[1] ?? null;
    yield { name: value("Name"), path: value("Exec"), source: folder, ...common };
  }
}

function* scripts(host: Host, folder: string): Iterable<TableRows["startup_items"]> {
  for (const path of filesIn(host, folder)) {
    yield { name: path.slice(folder.length), path, source: folder, ...common };
  }
}

export const startupItems = defineTable("startup_items", {
  *generate(_request, host) {
    for (const { uid, home, name } of accounts(host)) {
      for (const row of autostartEntries(host.asAccount(uid), `${home}/.config/autostart/`)) {
        yield { ...row, username: name };
      }
      for (const row of scripts(host, `${home}/.config/autostart-scripts/`)) {
        yield { ...row, username: name };
      }
    }
    yield* scripts(host, "/etc/init.d/");
    yield* autostartEntries(host, "/etc/xdg/autostart/");
  },
});
