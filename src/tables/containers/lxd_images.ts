import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { flagAt, integerAt, listAt, textAt } from "../sources/json_file.js";
import { lxdObjects } from "../sources/lxd_api.js";

export const lxdImages = defineTable("lxd_images", {
  *generate(request, host) {
    const ids = textsEqualTo(request, "id")?.map((id) => id.toLowerCase());
    for (const { value } of lxdObjects(host, "/1.0/images")) {
      const id = textAt(value, "fingerprint");
      if (ids !== undefined && !ids.includes(id ?? "")) continue;
      yield {
        id,
        architecture: textAt(value, "architecture"),
        os: textAt(value, "properties", "os"),
        release: textAt(value, "properties", "release"),
        description: textAt(value, "properties", "description"),
        aliases: listAt(value, "aliases")
          .map((alias) => textAt(alias, "name"))
          .join(","),
        filename: textAt(value, "filename"),
        size: integerAt(value, "size"),
        auto_update: flagAt(value, "auto_update"),
        cached: flagAt(value, "cached"),
        public: flagAt(value, "public"),
        created_at: textAt(value, "created_at"),
        expires_at: textAt(value, "expires_at"),
        uploaded_at: textAt(value, "uploaded_at"),
        last_used_at: textAt(value, "last_used_at"),
        update_source_server: textAt(value, "update_source", "server"),
        update_source_protocol: textAt(value, "update_source", "protocol"),
        update_source_certificate: textAt(value, "update_source", "certificate"),
        update_source_alias: textAt(value, "update_source", "alias"),
      };
    }
  },
});
