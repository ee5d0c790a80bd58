import { integersEqualTo, textsEqualTo } from "./constraints.js";
import { defineTable } from "./define_table.js";
import { mountScopes } from "./mount_scopes.js";
import { accounts } from "./sources/account_files.js";

const toSigned32 = (id: number): number => id | 0;

export const users = defineTable("users", {
  *generate(request, host) {
    const uids = integersEqualTo(request, "uid");
    const names = textsEqualTo(request, "username");
    for (const scope of mountScopes(request, host)) {
      for (const account of accounts(scope.host)) {
        if (uids !== null && !uids.includes(account.uid)) continue;
        if (names !== null && !names.includes(account.name)) continue;
        yield {
          uid: account.uid,
          gid: account.gid,
          uid_signed: toSigned32(account.uid),
          gid_signed: toSigned32(account.gid),
          username: account.name,
          description: account.description,
          directory: account.home,
          shell: account.shell,
          include_remote: 0,
          ...scope.columns,
        };
      }
    }
  },
});
