import { defineTable } from "../define_table.js";
import { installedEbuilds } from "../sources/portage_database.js";
import { attribute } from "../sources/text_lines.js";

export const portageUse = defineTable("portage_use", {
  *generate(_request, host) {
    for (const { package: name, version, path } of installedEbuilds(host)) {
      const flags = attribute(host, `${path}/USE`)?.split(/\s+/) ?? [];
      for (const use of flags) yield { package: name, version, use };
    }
  },
});
