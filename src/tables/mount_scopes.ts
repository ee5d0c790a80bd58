import type { TableRequest } from "../native/connection.js";
import { integersEqualTo } from "./constraints.js";
import type { Host } from "./host.js";

/** The host, or the host as a process in another mount namespace sees its files. */
export interface MountScope {
  readonly host: Host;
  /** Columns that say so. */
  readonly columns: { readonly pid_with_namespace: number };
  readonly namespaceColumns: {
    readonly pid_with_namespace: number;
    readonly mount_namespace_id: string | null;
  };
}

/** Where a query with `pid_with_namespace` wants its files read; without it, on the host. */
export function* mountScopes(request: TableRequest, host: Host): Iterable<MountScope> {
  for (const pid of integersEqualTo(request, "pid_with_namespace") ?? [0]) {
    if (pid < 0) continue;
    const namespace = pid === 0 ? null : host.readLink(`/proc/${pid}/ns/mnt`);
    if (pid !== 0 && namespace === null) continue;
    const inode = namespace?.match(/\[(\d+)\]/)?.[1] ?? null;
    yield {
      host: pid === 0 ? host : host.inMountNamespaceOf(pid),
      columns: { pid_with_namespace: pid },
      namespaceColumns: { pid_with_namespace: pid, mount_namespace_id: inode },
    };
  }
}
