import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { entriesOf, memberOf, readJson, textAt } from "../sources/json_file.js";
import { requestedAccounts } from "../sources/requested_accounts.js";

// The last since Firefox 147.
const folders = [
  ".mozilla/firefox",
  "snap/firefox/common/.mozilla/firefox",
  ".config/mozilla/firefox",
];

const flag = (addon: unknown, member: string): 0 | 1 =>
  ["true", "1"].includes(textAt(addon, member) ?? "") ? 1 : 0;

function addonRow(addon: unknown): TableRows["firefox_addons"] {
  const disabled = ["softDisabled", "appDisabled", "userDisabled"].some((each) =>
    flag(addon, each),
  );
  return {
    name: textAt(addon, "defaultLocale", "name"),
    identifier: textAt(addon, "id"),
    creator: textAt(addon, "defaultLocale", "creator"),
    type: textAt(addon, "type"),
    version: textAt(addon, "version"),
    description: textAt(addon, "defaultLocale", "description"),
    source_url: textAt(addon, "sourceURI"),
    visible: flag(addon, "visible"),
    active: flag(addon, "active"),
    disabled: disabled ? 1 : 0,
    autoupdate: flag(addon, "applyBackgroundUpdates"),
    location: textAt(addon, "location"),
    path: textAt(addon, "path"),
  };
}

export const firefoxAddons = defineTable("firefox_addons", {
  *generate(request, host) {
    for (const { uid, home } of requestedAccounts(request, host)) {
      for (const folder of folders.map((name) => `${home}/${name}`)) {
        for (const profile of host.list(folder)) {
          const extensions = readJson(host.asAccount(uid), `${folder}/${profile}/extensions.json`);
          for (const [, addon] of entriesOf(memberOf(extensions, "addons"))) {
            yield { uid, ...addonRow(addon) };
          }
        }
      }
    }
  },
});
