import { integersEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { accounts, groupsOf } from "../sources/account_files.js";

export const groups = defineTable("groups", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      const seen = new Set<number>();
      for (const { name, gid } of groupsOf(scope.host)) {
        // As getgrgid(3): the first name of an id counts.
        if (seen.has(gid)) continue;
        seen.add(gid);
        yield { gid, gid_signed: gid | 0, groupname: name, ...scope.columns };
      }
    }
  },
});

export const userGroups = defineTable("user_groups", {
  *generate(request, host) {
    const uids = integersEqualTo(request, "uid");
    const groups = [...groupsOf(host)];
    const seen = new Set<string>();
    for (const { name, uid, gid } of accounts(host)) {
      if (uids !== null && !uids.includes(uid)) continue;
      // As getgrouplist(3): the primary group, then those that list the user.
      const others = groups.filter(({ members }) => members.includes(name));
      const gids = new Set([gid, ...others.map((group) => group.gid)]);
      for (const each of gids) {
        // Accounts of one uid may share groups.
        if (seen.has(`${uid}:${each}`)) continue;
        seen.add(`${uid}:${each}`);
        yield { uid, gid: each };
      }
    }
  },
});
