import { defineTable } from "../define_table.js";
import { mdMembers } from "../sources/md_members.js";
import { readMdstat } from "../sources/mdstat.js";

// osquery's words for states of drivers/md.
const shown: Readonly<Record<string, string>> = {
  in_sync: "active sync",
  write_mostly: "write-mostly",
};

export const mdDrives = defineTable("md_drives", {
  *generate(_request, host) {
    for (const { name: md_device_name } of readMdstat(host).arrays) {
      for (const { name, slot, states } of mdMembers(host, md_device_name)) {
        yield {
          md_device_name,
          drive_name: `/dev/${name}`,
          slot,
          state: states.map((state) => shown[state] ?? state).join(" "),
        };
      }
    }
  },
});
