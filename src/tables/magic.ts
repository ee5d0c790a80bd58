import { textsEqualTo } from "./constraints.js";
import { defineTable } from "./define_table.js";
import { encodePath } from "./os_string.js";

export const magic = defineTable("magic", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    const databases = textsEqualTo(request, "magic_db_files");
    for (const path of textsEqualTo(request, "path") ?? []) {
      for (const files of databases ?? [""]) {
        const found = sources.describeFile(encodePath(path), files);
        if (found === null) continue;
        yield {
          path,
          magic_db_files: files,
          data: found.data,
          mime_type: found.mimeType,
          mime_encoding: found.mimeEncoding,
        };
      }
    }
  },
});
