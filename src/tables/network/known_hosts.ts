import { defineTable } from "../define_table.js";
import { requestedAccounts } from "../sources/requested_accounts.js";
import { trimmedLines } from "../sources/text_lines.js";

export const knownHosts = defineTable("known_hosts", {
  *generate(request, host) {
    for (const { uid, home } of requestedAccounts(request, host)) {
      const path = `${home}/.ssh/known_hosts`;
      for (const line of trimmedLines(host.asAccount(uid), path)) {
        if (!line.startsWith("#")) yield { uid, key: line, key_file: path };
      }
    }
  },
});
