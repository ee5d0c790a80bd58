import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { requestedAccounts } from "../sources/requested_accounts.js";
import { readZipMember } from "../sources/zip_archive.js";

type Row = TableRows["jetbrains_plugins"];

const pluginsFolder = ".local/share/JetBrains";
/** Folders of the IDEs begin with these; longer names stand before what they begin with. */
const products: readonly (readonly [prefix: string, product: string])[] = [
  ["CLion", "clion"],
  ["DataGrip", "datagrip"],
  ["GoLand", "goland"],
  ["IntelliJIdea", "intellij_idea"],
  ["IdeaIC", "intellij_idea_community_edition"],
  ["PhpStorm", "phpstorm"],
  ["PyCharmCE", "pycharm_community_edition"],
  ["PyCharm", "pycharm"],
  ["ReSharper", "resharper"],
  ["Rider", "rider"],
  ["RubyMine", "rubymine"],
  ["RustRover", "rust_rov"],
  ["WebStorm", "webstorm"],
];

/** What a plugin's descriptor says of it. */
function descriptorColumns(host: Host, jar: string): Row | null {
  const xml = readZipMember(host, jar, "META-INF/plugin.xml")?.toString("utf8");
  if (xml === undefined) return null;
  const text = (tag: string) =>
    xml.match(new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}>`))?.[1]?.trim() ?? null;
  return { name: text("name"), version: text("version"), vendor: text("vendor") };
}

/** A plugin is a jar, or a folder with jars in `lib`, one of which has the descriptor. */
function pluginColumns(host: Host, path: string): Row | null {
  if (path.endsWith(".jar")) return descriptorColumns(host, path);
  const jars = host.list(`${path}/lib`).filter((name) => name.endsWith(".jar"));
  // The plugin's own jar is named like it; libraries have longer names.
  const folder = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const rank = (name: string) => (name.toLowerCase().startsWith(folder) ? 0 : 1000) + name.length;
  for (const name of jars.toSorted((left, right) => rank(left) - rank(right))) {
    const columns = descriptorColumns(host, `${path}/lib/${name}`);
    if (columns !== null) return columns;
  }
  return null;
}

export const jetbrainsPlugins = defineTable("jetbrains_plugins", {
  *generate(request, host) {
    for (const { uid, home } of requestedAccounts(request, host)) {
      for (const version of host.list(`${home}/${pluginsFolder}`).toSorted()) {
        const product_type = products.find(([prefix]) => version.startsWith(prefix))?.[1];
        if (product_type === undefined) continue;
        const folder = `${home}/${pluginsFolder}/${version}`;
        for (const entry of host.list(folder).toSorted()) {
          const path = `${folder}/${entry}`;
          const columns = pluginColumns(host.asAccount(uid), path);
          if (columns !== null) yield { product_type, uid, path, ...columns };
        }
      }
    }
  },
});
