import { defineTable } from "../define_table.js";
import { namespaceInode, requestedProcessIds } from "../sources/process_list.js";

export const processNamespaces = defineTable("process_namespaces", {
  *generate(request, host) {
    for (const pid of requestedProcessIds(request, host)) {
      const inode = (kind: string) =>
        request.columns.has(`${kind}_namespace`) ? namespaceInode(host, pid, kind) : null;
      yield {
        pid,
        cgroup_namespace: inode("cgroup"),
        ipc_namespace: inode("ipc"),
        mnt_namespace: inode("mnt"),
        net_namespace: inode("net"),
        pid_namespace: inode("pid"),
        user_namespace: inode("user"),
        uts_namespace: inode("uts"),
      };
    }
  },
});
