import { createHash } from "node:crypto";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";

/** Table files; some stand in folders of their kind, such as `dynamic`. */
function* tableFiles(host: Host, path: string): Iterable<string> {
  const stat = host.lstat(path);
  if (stat?.isFile()) yield path;
  if (!stat?.isDirectory()) return;
  for (const name of host.list(path)) yield* tableFiles(host, `${path}/${name}`);
}

export const acpiTables = defineTable("acpi_tables", {
  *generate(_request, host) {
    for (const path of tableFiles(host, "/sys/firmware/acpi/tables")) {
      const bytes = host.readFile(path);
      yield {
        name: path.slice(path.lastIndexOf("/") + 1),
        size: bytes === null ? -1 : bytes.length,
        md5: bytes === null ? null : createHash("md5").update(bytes).digest("hex"),
      };
    }
  },
});
