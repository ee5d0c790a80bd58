import { defineTable } from "./define_table.js";
import { attribute, numericAttribute } from "./sources/text_lines.js";

const DATABASE = "/var/db/pkg";

export const portagePackages = defineTable("portage_packages", {
  *generate(_request, host) {
    const world = new Set(host.readText("/var/lib/portage/world")?.split("\n") ?? []);
    for (const category of host.list(DATABASE)) {
      for (const entry of host.list(`${DATABASE}/${category}`)) {
        // Names may hold hyphens; the version begins with a digit (PMS 3.1.2).
        const [, name, version] = entry.match(/^(.+?)-(\d.*)$/) ?? [];
        if (name === undefined || version === undefined) continue;
        const at = `${DATABASE}/${category}/${entry}`;
        yield {
          package: `${category}/${name}`,
          version,
          slot: attribute(host, `${at}/SLOT`),
          build_time: numericAttribute(host, `${at}/BUILD_TIME`),
          repository: attribute(host, `${at}/repository`),
          eapi: numericAttribute(host, `${at}/EAPI`),
          size: numericAttribute(host, `${at}/SIZE`),
          world: world.has(`${category}/${name}`) ? 1 : 0,
        };
      }
    }
  },
});
