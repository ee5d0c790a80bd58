import { pathsEqualTo, textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { dpkgFolder, dpkgPackages } from "../sources/dpkg_database.js";
import { trimmedLines } from "../sources/text_lines.js";

/** List files by package; packages of several architectures keep theirs under name:arch. */
function listFiles(host: Host, folder: string): ReadonlyMap<string, string> {
  const lists = host.list(`${folder}/info`).filter((name) => name.endsWith(".list"));
  return new Map(
    lists.map((name) => [
      name.slice(0, -".list".length).replace(/:.*/, ""),
      `${folder}/info/${name}`,
    ]),
  );
}

function* packageNames(host: Host, folder: string): Iterable<string> {
  for (const fields of dpkgPackages(host, folder)) yield fields.get("package") ?? "";
}

export const debPackageFiles = defineTable("deb_package_files", {
  *generate(request, host) {
    const named = pathsEqualTo(request, "admindir");
    const from = named === null ? host : host.asEveryone();
    for (const admindir of named ?? [dpkgFolder]) {
      const lists = listFiles(from, admindir);
      for (const name of textsEqualTo(request, "package") ?? packageNames(from, admindir)) {
        const file = lists.get(name);
        if (file === undefined) continue;
        for (const path of trimmedLines(from, file)) yield { package: name, path, admindir };
      }
    }
  },
});
