import type { TableRequest } from "../../native/connection.js";
import type { DirectoryAccount } from "../../native/table_sources.js";
import { integersEqualTo, textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { accounts } from "../sources/account_files.js";

const toSigned32 = (id: number): number => id | 0;

function accountColumns(account: DirectoryAccount): TableRows["users"] {
  return {
    uid: account.uid,
    gid: account.gid,
    uid_signed: toSigned32(account.uid),
    gid_signed: toSigned32(account.gid),
    username: account.name,
    description: account.description,
    directory: account.home,
    shell: account.shell,
  };
}

/** Accounts that NSS knows, of directory services too: those asked for by id or by name, which
 * such a service gives even when it does not list all. */
function* remoteAccounts(request: TableRequest, host: Host): Iterable<TableRows["users"]> {
  const keys = integersEqualTo(request, "uid") ?? textsEqualTo(request, "username");
  for (const account of host.sources()?.accounts(keys) ?? []) {
    yield { ...accountColumns(account), include_remote: 1, pid_with_namespace: 0 };
  }
}

export const users = defineTable("users", {
  *generate(request, host) {
    const uids = integersEqualTo(request, "uid");
    const names = textsEqualTo(request, "username");
    const remote = integersEqualTo(request, "include_remote") ?? [];
    if (remote.includes(1)) yield* remoteAccounts(request, host);
    if (remote.length > 0 && !remote.includes(0)) return;
    for (const scope of mountScopes(request, host)) {
      for (const account of accounts(scope.host)) {
        if (uids !== null && !uids.includes(account.uid)) continue;
        if (names !== null && !names.includes(account.name)) continue;
        yield { ...accountColumns(account), include_remote: 0, ...scope.columns };
      }
    }
  },
});
