import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { chromeExtensions } from "./chrome_extensions.js";

type Extension = TableRows["chrome_extensions"];

export const operaExtensions = defineTable("opera_extensions", {
  *generate(request, host) {
    for (const found of chromeExtensions.generate(request, host)) {
      const row: Extension = found;
      if (row.browser_type !== "opera") continue;
      yield {
        uid: row.uid ?? null,
        name: row.name ?? null,
        identifier: row.identifier ?? null,
        version: row.version ?? null,
        description: row.description ?? null,
        locale: row.default_locale ?? null,
        update_url: row.update_url ?? null,
        author: row.author ?? null,
        persistent: row.persistent ?? null,
        path: row.path ?? null,
      };
    }
  },
});
