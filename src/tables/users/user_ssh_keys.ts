import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";
import { requestedAccounts } from "../sources/requested_accounts.js";
import { privateKeyFacts } from "./private_key.js";

export const userSshKeys = defineTable("user_ssh_keys", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const { uid, home } of requestedAccounts(request, scope.host)) {
        for (const name of scope.host.list(`${home}/.ssh`)) {
          const path = `${home}/.ssh/${name}`;
          const facts = privateKeyFacts(scope.host.asAccount(uid).readText(path) ?? "");
          if (facts === null) continue;
          yield {
            uid,
            path: shownPath(path),
            encrypted: facts.encrypted ? 1 : 0,
            key_type: facts.type,
            key_group_name: facts.curve,
            key_length: facts.bits ?? -1,
            key_security_bits: -1,
            ...scope.columns,
          };
        }
      }
    }
  },
});
