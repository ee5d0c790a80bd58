import { defineTable } from "../define_table.js";
import { flagAt, integerAt, listAt, readJson, textAt } from "../sources/json_file.js";
import { requestedAccounts } from "../sources/requested_accounts.js";

/** Folders in a home, and osquery's names of the editors that keep their extensions there. */
const editions: readonly (readonly [folder: string, edition: string])[] = [
  [".vscode", "vscode"],
  [".vscode-server", "vscode"],
  [".vscode-insiders", "vscode_insiders"],
  [".vscode-server-insiders", "vscode_insiders"],
  [".vscode-oss", "vscodium"],
  [".vscodium-server", "vscodium"],
  [".vscodium-insiders", "vscodium_insiders"],
  [".vscodium-server-insiders", "vscodium_insiders"],
  [".cursor", "cursor"],
  [".cursor-server", "cursor"],
  [".windsurf", "windsurf"],
  [".windsurf-server", "windsurf"],
  [".devin", "windsurf"],
  [".trae", "trae"],
  [".trae-server", "trae"],
];

export const vscodeExtensions = defineTable("vscode_extensions", {
  *generate(request, host) {
    for (const { uid, home } of requestedAccounts(request, host)) {
      for (const [folder, vscode_edition] of editions) {
        const path = `${home}/${folder}/extensions/extensions.json`;
        for (const extension of listAt(readJson(host.asAccount(uid), path))) {
          yield {
            name: textAt(extension, "identifier", "id"),
            uuid: textAt(extension, "metadata", "id"),
            version: textAt(extension, "version"),
            path: textAt(extension, "location", "path"),
            publisher: textAt(extension, "metadata", "publisherDisplayName"),
            publisher_id: textAt(extension, "metadata", "publisherId"),
            installed_at: integerAt(extension, "metadata", "installedTimestamp"),
            prerelease: flagAt(extension, "metadata", "isPreReleaseVersion"),
            uid,
            vscode_edition,
          };
        }
      }
    }
  },
});
