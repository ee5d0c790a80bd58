import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

// keyrings(7): the description is the rest of the line.
const keyLine = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/;

export const kernelKeys = defineTable("kernel_keys", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/proc/keys")) {
      const fields = line.match(keyLine);
      if (fields === null) continue;
      const [, serial = "", flags = "", usage, timeout = "", permissions = ""] = fields;
      const [uid, gid, type = "", description = ""] = fields.slice(6);
      yield {
        serial_number: serial,
        flags,
        usage: Number(usage),
        timeout,
        permissions,
        uid: Number(uid),
        gid: Number(gid),
        type,
        description,
      };
    }
  },
});
