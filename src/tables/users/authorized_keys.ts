import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { mountScopes } from "../mount_scopes.js";
import { requestedAccounts } from "../sources/requested_accounts.js";
import { trimmedLines } from "../sources/text_lines.js";

const files = [".ssh/authorized_keys", ".ssh/authorized_keys2"];
const keyLine =
  /(ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|sk-ecdsa-sha2-nistp256@openssh\.com|sk-ssh-ed25519@openssh\.com)[ \t]+([^ \t]+)(?:[ \t]+(.*))?$/;

/** A line of authorized_keys (sshd(8)): options, type, key, comment. */
function parseKey(line: string): TableRows["authorized_keys"] | null {
  if (line.startsWith("#")) return null;
  const found = line.match(keyLine);
  if (found === null) return line.includes("zos-key-ring-label=") ? { options: line } : null;
  const [, algorithm = "", key = "", comment] = found;
  const options = line.slice(0, found.index).trimEnd();
  return { algorithm, key, options: options === "" ? null : options, comment: comment ?? null };
}

export const authorizedKeys = defineTable("authorized_keys", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const { uid, home } of requestedAccounts(request, scope.host)) {
        for (const path of files.map((name) => `${home}/${name}`)) {
          for (const line of trimmedLines(scope.host.asAccount(uid), path)) {
            const row = parseKey(line);
            if (row !== null) yield { ...row, uid, key_file: path, ...scope.columns };
          }
        }
      }
    }
  },
});
