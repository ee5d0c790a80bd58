import { pathsEqualTo, textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { trimmedLines } from "../sources/text_lines.js";
import { dpkgFolder, dpkgPackages } from "./dpkg_database.js";

/** deb-version(7): what follows the last hyphen. */
function revisionOf(version: string): string {
  const hyphen = version.lastIndexOf("-");
  return hyphen < 0 ? "" : version.slice(hyphen + 1);
}

export const debPackages = defineTable("deb_packages", {
  *generate(request, host) {
    const named = pathsEqualTo(request, "admindir");
    for (const scope of mountScopes(request, host)) {
      const from = named === null ? scope.host : scope.host.asEveryone();
      for (const admindir of named ?? [dpkgFolder]) {
        for (const fields of dpkgPackages(from, admindir)) {
          const version = fields.get("version") ?? "";
          yield {
            name: fields.get("package") ?? null,
            version,
            source: fields.get("source") ?? null,
            size: Number(fields.get("installed-size") ?? 0),
            arch: fields.get("architecture") ?? null,
            revision: revisionOf(version),
            status: fields.get("status") ?? null,
            maintainer: fields.get("maintainer") ?? null,
            section: fields.get("section") ?? null,
            priority: fields.get("priority") ?? null,
            admindir,
            ...scope.namespaceColumns,
          };
        }
      }
    }
  },
});

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
