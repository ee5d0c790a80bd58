import { defineTable } from "../define_table.js";
import { requestedProcessIds } from "../sources/process_list.js";

// address, permissions, offset, device, inode, and the rest of the line (proc(5)).
const mapLine = /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) (\S+) (\d+) *(.*)$/;

export const processMemoryMap = defineTable("process_memory_map", {
  *generate(request, host) {
    for (const pid of requestedProcessIds(request, host)) {
      for (const line of host.readText(`/proc/${pid}/maps`)?.split("\n") ?? []) {
        const fields = line.match(mapLine);
        if (fields === null) continue;
        const [, start, end, permissions = "", offset, device = "", inode, path = ""] = fields;
        yield {
          pid,
          start: `0x${start}`,
          end: `0x${end}`,
          permissions,
          offset: Number.parseInt(offset ?? "0", 16),
          device,
          inode: Number(inode),
          path,
          pseudo: inode === "0" && path !== "" ? 1 : 0,
        };
      }
    }
  },
});
