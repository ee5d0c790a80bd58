import { createHash } from "node:crypto";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { entriesOf, memberOf, stringsAt, textAt } from "../sources/json_file.js";
import { requestedAccounts } from "../sources/requested_accounts.js";
import {
  chromiumProfiles,
  type Extension,
  extensionsOf,
  localized,
  type Profile,
} from "./chromium_profiles.js";

// Browsers count microseconds since 1601.
const secondsFrom1601To1970 = 11_644_473_600;

function unixSeconds(webkitTime: string | null): number {
  const microseconds = Number(webkitTime ?? 0);
  if (!(microseconds > 0)) return 0;
  return Math.max(Math.floor(microseconds / 1e6) - secondsFrom1601To1970, 0);
}

const jsonAt = (manifest: unknown, member: string): string =>
  JSON.stringify(memberOf(manifest, member) ?? {});

function extensionRow(
  host: Host,
  profile: Profile,
  extension: Extension,
): TableRows["chrome_extensions"] {
  const { manifest, settings } = extension;
  const installTime = textAt(settings, "install_time") ?? textAt(settings, "first_install_time");
  const persistent = textAt(manifest, "background", "persistent");
  return {
    browser_type: profile.browser,
    uid: profile.uid,
    name: localized(host, extension, "name"),
    profile: profile.name,
    profile_path: profile.path,
    referenced_identifier: extension.referencedIdentifier,
    identifier: extension.identifier,
    version: textAt(manifest, "version"),
    description: localized(host, extension, "description"),
    default_locale: textAt(manifest, "default_locale"),
    current_locale: textAt(manifest, "current_locale"),
    update_url: textAt(manifest, "update_url"),
    author: textAt(manifest, "author"),
    persistent: persistent === "true" ? 1 : 0,
    path: extension.path,
    permissions: stringsAt(manifest, "permissions").join(", "),
    permissions_json: jsonAt(manifest, "permissions"),
    optional_permissions: stringsAt(manifest, "optional_permissions").join(", "),
    optional_permissions_json: jsonAt(manifest, "optional_permissions"),
    manifest_hash: createHash("sha256").update(extension.manifestText).digest("hex"),
    referenced: extension.settings === null ? 0 : 1,
    from_webstore: textAt(settings, "from_webstore"),
    state: textAt(settings, "state"),
    install_time: installTime,
    install_timestamp: unixSeconds(installTime),
    manifest_json: extension.manifestText,
    key: textAt(manifest, "key"),
  };
}

export const chromeExtensions = defineTable("chrome_extensions", {
  *generate(request, host) {
    for (const account of requestedAccounts(request, host)) {
      const from = host.asAccount(account.uid);
      for (const profile of chromiumProfiles(from, account)) {
        for (const extension of extensionsOf(from, profile)) {
          yield extensionRow(from, profile, extension);
        }
      }
    }
  },
});

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

type ExtensionRow = TableRows["chrome_extensions"];

export const operaExtensions = defineTable("opera_extensions", {
  *generate(request, host) {
    for (const found of chromeExtensions.generate(request, host)) {
      const row: ExtensionRow = found;
      if (row.browser_type !== "opera") continue;
      yield {
        uid: row.uid ?? null,
        name: row.name ?? null,
        identifier: row.identifier ?? null,
        version: row.version ?? null,
        description: row.description ?? null,
        locale: row.default_locale ?? null,
        update_url: row.update_url ?? null,
        author: row.author ?? null,
        persistent: row.persistent ?? null,
        path: row.path ?? null,
      };
    }
  },
});
