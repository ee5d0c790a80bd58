import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { chromiumProfiles, extensionsOf } from "../sources/chromium_profiles.js";
import { entriesOf, memberOf, stringsAt, textAt } from "../sources/json_file.js";
import { requestedAccounts } from "../sources/requested_accounts.js";

type Script = Pick<TableRows["chrome_extension_content_scripts"], "script" | "match">;

/** Every script with every pattern that it is put into. */
function* contentScripts(manifest: unknown): Iterable<Script> {
  for (const [, group] of entriesOf(memberOf(manifest, "content_scripts"))) {
    for (const match of stringsAt(group, "matches")) {
      for (const script of stringsAt(group, "js")) yield { script, match };
    }
  }
}

export const chromeExtensionContentScripts = defineTable("chrome_extension_content_scripts", {
  *generate(request, host) {
    for (const account of requestedAccounts(request, host)) {
      const from = host.asAccount(account.uid);
      for (const profile of chromiumProfiles(from, account)) {
        for (const extension of extensionsOf(from, profile)) {
          for (const script of contentScripts(extension.manifest)) {
            yield {
              browser_type: profile.browser,
              uid: profile.uid,
              identifier: extension.identifier,
              version: textAt(extension.manifest, "version"),
              ...script,
              profile_path: profile.path,
              path: extension.path,
              referenced: extension.settings === null ? 0 : 1,
            };
          }
        }
      }
    }
  },
});
