import { pathsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { dpkgFolder, dpkgPackages } from "../sources/dpkg_database.js";

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
