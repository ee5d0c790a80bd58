import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import {
  entriesOf,
  flagAt,
  integerAt,
  listAt,
  memberOf,
  stringsAt,
  textAt,
} from "../sources/json_file.js";
import { namespaceInode } from "../sources/process_list.js";
import { dockerGet, fetchContainers, labelsOf, requestedIds, shownId } from "./docker_api.js";

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
    for (const { id, value } of fetchContainers(request, host)) {
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

export const dockerContainerEnvs = defineTable("docker_container_envs", {
  *generate(request, host) {
    for (const { id } of fetchContainers(request, host)) {
      const details = dockerGet(host, `/containers/${id}/json`);
      for (const variable of stringsAt(details, "Config", "Env")) {
        const equals = variable.indexOf("=");
        const end = equals < 0 ? variable.length : equals;
        yield { id, key: variable.slice(0, end), value: variable.slice(end + 1) };
      }
    }
  },
});

// The API's Kind: modified, added, deleted.
const changeKinds = ["C", "A", "D"];

export const dockerContainerFsChanges = defineTable("docker_container_fs_changes", {
  *generate(request, host) {
    for (const id of requestedIds(request) ?? []) {
      for (const change of listAt(dockerGet(host, `/containers/${id}/changes`))) {
        const change_type = changeKinds[integerAt(change, "Kind") ?? -1];
        if (change_type !== undefined) yield { id, path: textAt(change, "Path"), change_type };
      }
    }
  },
});

export const dockerContainerLabels = defineTable("docker_container_labels", {
  *generate(request, host) {
    for (const { id, value } of fetchContainers(request, host)) {
      for (const label of labelsOf(value)) yield { id, ...label };
    }
  },
});

export const dockerContainerMounts = defineTable("docker_container_mounts", {
  *generate(request, host) {
    for (const { id, value } of fetchContainers(request, host)) {
      for (const mount of listAt(value, "Mounts")) {
        yield {
          id,
          type: textAt(mount, "Type"),
          name: textAt(mount, "Name"),
          source: textAt(mount, "Source"),
          destination: textAt(mount, "Destination"),
          driver: textAt(mount, "Driver"),
          mode: textAt(mount, "Mode"),
          rw: flagAt(mount, "RW"),
          propagation: textAt(mount, "Propagation"),
        };
      }
    }
  },
});

export const dockerContainerNetworks = defineTable("docker_container_networks", {
  *generate(request, host) {
    for (const { id, value } of fetchContainers(request, host)) {
      for (const [name, network] of entriesOf(memberOf(value, "NetworkSettings", "Networks"))) {
        yield {
          id,
          name,
          network_id: textAt(network, "NetworkID"),
          endpoint_id: textAt(network, "EndpointID"),
          gateway: textAt(network, "Gateway"),
          ip_address: textAt(network, "IPAddress"),
          ip_prefix_len: integerAt(network, "IPPrefixLen"),
          ipv6_gateway: textAt(network, "IPv6Gateway"),
          ipv6_address: textAt(network, "GlobalIPv6Address"),
          ipv6_prefix_len: integerAt(network, "GlobalIPv6PrefixLen"),
          mac_address: textAt(network, "MacAddress"),
        };
      }
    }
  },
});

export const dockerContainerPorts = defineTable("docker_container_ports", {
  *generate(request, host) {
    for (const { id, value } of fetchContainers(request, host)) {
      for (const port of listAt(value, "Ports")) {
        yield {
          id,
          type: textAt(port, "Type"),
          port: integerAt(port, "PrivatePort"),
          host_ip: textAt(port, "IP"),
          host_port: integerAt(port, "PublicPort") ?? 0,
        };
      }
    }
  },
});
