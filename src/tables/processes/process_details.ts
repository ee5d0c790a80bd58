import { defineTable } from "../define_table.js";
import { shownPath, shownText } from "../os_string.js";
import { namespaceInode, openDescriptors, requestedProcessIds } from "../sources/process_list.js";

export const processEnvs = defineTable("process_envs", {
  *generate(request, host) {
    for (const pid of requestedProcessIds(request, host)) {
      const bytes = host.readFile(`/proc/${pid}/environ`);
      if (bytes === null) continue;
      for (const variable of shownText(bytes).split("\0")) {
        // What setproctitle(3) leaves behind are empty strings up to the old end.
        if (variable === "") break;
        const equals = variable.indexOf("=");
        // As osquery: a string without = is its own value.
        yield equals < 0
          ? { pid, key: variable, value: variable }
          : { pid, key: variable.slice(0, equals), value: variable.slice(equals + 1) };
      }
    }
  },
});

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
