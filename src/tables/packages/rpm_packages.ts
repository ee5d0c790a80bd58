import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { rpmPackages as installedPackages } from "../sources/rpm_database.js";
import { RPM_TAG } from "../sources/rpm_header.js";

export const rpmPackages = defineTable("rpm_packages", {
  *generate(request, host) {
    const names = textsEqualTo(request, "name");
    for (const scope of mountScopes(request, host)) {
      for (const header of installedPackages(scope.host)) {
        const name = header.string(RPM_TAG.name);
        if (names !== null && !names.includes(name ?? "")) continue;
        yield {
          name,
          version: header.string(RPM_TAG.version),
          release: header.string(RPM_TAG.release),
          source: header.string(RPM_TAG.sourceRpm),
          size: header.number(RPM_TAG.size) ?? header.number(RPM_TAG.longSize),
          sha1: header.string(RPM_TAG.sha1),
          arch: header.string(RPM_TAG.arch),
          epoch: header.number(RPM_TAG.epoch),
          install_time: header.number(RPM_TAG.installTime),
          vendor: header.string(RPM_TAG.vendor),
          package_group: header.string(RPM_TAG.group),
          ...scope.namespaceColumns,
        };
      }
    }
  },
});
