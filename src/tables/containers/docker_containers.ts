import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { dockerGet, dockerContainers as listContainers, shownId } from "../sources/docker_api.js";
import { flagAt, integerAt, stringsAt, textAt } from "../sources/json_file.js";
import { namespaceInode } from "../sources/process_list.js";

type Row = TableRows["docker_containers"];

/** What only the container itself tells; a request each. */
const details: ReadonlySet<string> = new Set([
  ..."pid path config_entrypoint started_at finished_at privileged security_options".split(" "),
  ..."env_variables readonly_rootfs".split(" "),
  ..."cgroup ipc mnt net pid user uts".split(" ").map((kind) => `${kind}_namespace`),
]);

function namespaceColumns(host: Host, pid: number): Row {
  const inode = (kind: string) => namespaceInode(host, pid, kind);
  return {
    cgroup_namespace: inode("cgroup"),
    ipc_namespace: inode("ipc"),
    mnt_namespace: inode("mnt"),
    net_namespace: inode("net"),
    pid_namespace: inode("pid"),
    user_namespace: inode("user"),
    uts_namespace: inode("uts"),
  };
}

function detailColumns(host: Host, id: string): Row {
  const details = dockerGet(host, `/containers/${id}/json`);
  if (details === null) return {};
  const pid = integerAt(details, "State", "Pid");
  const isRunning = textAt(details, "State", "Status") === "running";
  return {
    pid,
    path: textAt(details, "Path"),
    config_entrypoint: stringsAt(details, "Config", "Entrypoint").join(", "),
    started_at: textAt(details, "State", "StartedAt"),
    finished_at: isRunning ? "" : textAt(details, "State", "FinishedAt"),
    privileged: flagAt(details, "HostConfig", "Privileged"),
    security_options: stringsAt(details, "HostConfig", "SecurityOpt").join(", "),
    env_variables: stringsAt(details, "Config", "Env").join(", "),
    readonly_rootfs: flagAt(details, "HostConfig", "ReadonlyRootfs"),
    // Docker gives stopped containers the process id 0.
    ...(pid !== null && pid > 0 ? namespaceColumns(host, pid) : {}),
  };
}

export const dockerContainers = defineTable("docker_containers", {
  *generate(request, host) {
    const asksDetails = [...request.columns].some((column) => details.has(column));
    for (const { id, value } of listContainers(request, host)) {
      yield {
        id,
        name: stringsAt(value, "Names")[0] ?? null,
        image: textAt(value, "Image"),
        image_id: shownId(textAt(value, "ImageID"), null),
        command: textAt(value, "Command"),
        created: integerAt(value, "Created"),
        state: textAt(value, "State"),
        status: textAt(value, "Status"),
        ...(asksDetails ? detailColumns(host, id) : {}),
      };
    }
  },
});
