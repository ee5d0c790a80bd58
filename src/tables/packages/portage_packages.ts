import { defineTable } from "../define_table.js";
import { installedEbuilds } from "../sources/portage_database.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";

export const portagePackages = defineTable("portage_packages", {
  *generate(_request, host) {
    const world = new Set(host.readText("/var/lib/portage/world")?.split("\n") ?? []);
    for (const { package: name, version, path } of installedEbuilds(host)) {
      yield {
        package: name,
        version,
        slot: attribute(host, `${path}/SLOT`),
        build_time: numericAttribute(host, `${path}/BUILD_TIME`),
        repository: attribute(host, `${path}/repository`),
        eapi: numericAttribute(host, `${path}/EAPI`),
        size: numericAttribute(host, `${path}/SIZE`),
        world: world.has(name) ? 1 : 0,
      };
    }
  },
});
