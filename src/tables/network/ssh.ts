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

const systemFile = "/etc/ssh/ssh_config";

export const sshConfigs = defineTable("ssh_configs", {
  *generate(request, host) {
    const own = requestedAccounts(request, host).map(({ uid, home }) => ({
      uid,
      path: `${home}/.ssh/config`,
    }));
    for (const { uid, path } of [...own, { uid: 0, path: systemFile }]) {
      let block = "";
      for (const line of trimmedLines(host.asAccount(uid), path)) {
        if (line.startsWith("#")) continue;
        const option = line.toLowerCase();
        if (/^(host|match)\b/.test(option)) block = option;
        else yield { uid, block, option, ssh_config_file: path };
      }
    }
  },
});
