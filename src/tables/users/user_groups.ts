import { integersEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { accounts, groupsOf } from "../sources/account_files.js";

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
