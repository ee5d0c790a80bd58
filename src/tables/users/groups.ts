import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { groupsOf } from "../sources/account_files.js";

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
