import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";
import { accounts, groupsOf } from "../sources/account_files.js";

const searchedFolders = [
  "/bin",
  "/sbin",
  "/usr/bin",
  "/usr/sbin",
  "/usr/local/bin",
  "/usr/local/sbin",
  "/tmp",
];
const setUid = 0o4000n;
const setGid = 0o2000n;

/** Files below a folder; links to folders are not followed. */
function* filesBelow(host: Host, folder: string): Iterable<string> {
  for (const name of host.list(folder)) {
    const path = `${folder}/${name}`;
    if (host.lstat(path)?.isDirectory()) yield* filesBelow(host, path);
    else yield path;
  }
}

function* programs(host: Host): Iterable<TableRows["suid_bin"]> {
  const users = new Map([...accounts(host)].map(({ uid, name }) => [uid, name]));
  const groups = new Map([...groupsOf(host)].map(({ gid, name }) => [gid, name]));
  for (const folder of searchedFolders) {
    for (const path of filesBelow(host, folder)) {
      const stat = host.stat(path);
      if (!stat?.isFile() || (stat.mode & (setUid | setGid)) === 0n) continue;
      yield {
        path: shownPath(path),
        username: users.get(Number(stat.uid)) ?? String(stat.uid),
        groupname: groups.get(Number(stat.gid)) ?? String(stat.gid),
        permissions: `${stat.mode & setUid ? "S" : ""}${stat.mode & setGid ? "G" : ""}`,
      };
    }
  }
}

export const suidBin = defineTable("suid_bin", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const row of programs(scope.host)) yield { ...row, ...scope.columns };
    }
  },
});
