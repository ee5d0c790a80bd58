import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { rpmPackages as installedPackages } from "../sources/rpm_database.js";
import { rpmTag } from "../sources/rpm_header.js";

export const rpmPackages = defineTable("rpm_packages", {
  *generate(request, host) {
    const names = textsEqualTo(request, "name");
    for (const scope of mountScopes(request, host)) {
      for (const header of installedPackages(scope.host)) {
        const name = header.string(rpmTag.name);
        if (names !== null && !names.includes(name ?? "")) continue;
        yield {
          name,
          version: header.string(rpmTag.version),
          release: header.string(rpmTag.release),
          source: header.string(rpmTag.sourceRpm),
          size: header.number(rpmTag.size) ?? header.number(rpmTag.longSize),
          sha1: header.string(rpmTag.sha1),
          arch: header.string(rpmTag.arch),
          epoch: header.number(rpmTag.epoch),
          install_time: header.number(rpmTag.installTime),
          vendor: header.string(rpmTag.vendor),
          package_group: header.string(rpmTag.group),
          ...scope.namespaceColumns,
        };
      }
    }
  },
});
