import { defineTable } from "../define_table.js";
import { shownPath } from "../os_string.js";
import { openDescriptors, requestedProcessIds } from "../sources/process_list.js";

// Descriptors that name no file: `socket:[1]`, `pipe:[2]`, `anon_inode:[eventfd]`.
const noFile = /^(socket|pipe|anon_inode):/;

export const processOpenFiles = defineTable("process_open_files", {
  *generate(request, host) {
    for (const pid of requestedProcessIds(request, host)) {
      for (const [fd, link] of openDescriptors(host, pid)) {
        if (!noFile.test(link)) yield { pid, fd, path: shownPath(link) };
      }
    }
  },
});
