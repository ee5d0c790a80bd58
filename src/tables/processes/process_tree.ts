import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { shownPath } from "../os_string.js";
import { processIds, requestedProcessIds } from "../sources/process_list.js";
import { commandLine, processFile } from "./process_file.js";
import {
  bootTimeSeconds,
  type ProcessStat,
  parseProcessStat,
  ticksPerSecond,
} from "./process_stat.js";
import { hostProcessUuids } from "./process_uuid.js";

interface TreeNode {
  readonly pid: number;
  readonly stat: ProcessStat;
  parent: TreeNode | null;
  readonly children: TreeNode[];
  depth: number;
  position: number;
  descendants: number;
}

/** The processes of one look at /proc, each below its parent, in the order of the tree. */
function readTree(host: Host): readonly TreeNode[] {
  const nodes = new Map<number, TreeNode>();
  for (const pid of processIds(host)) {
    const bytes = host.readFile(`/proc/${pid}/stat`);
    const stat = bytes === null ? null : parseProcessStat(bytes);
    if (stat === null) continue;
    nodes.set(pid, {
      pid,
      stat,
      parent: null,
      children: [],
      depth: 0,
      position: 0,
      descendants: 0,
    });
  }
  for (const node of nodes.values()) {
    const parent = nodes.get(node.stat.parent);
    // A younger process got the parent's number while /proc was read.
    if (parent === undefined || !isOlder(parent, node)) continue;
    node.parent = parent;
    parent.children.push(node);
  }
  return inOrder([...nodes.values()].filter(({ parent }) => parent === null));
}

/** By ticks, so that two of one tick count as older than each other. */
function isOlder(one: TreeNode, other: TreeNode): boolean {
  return one.stat.startTicks <= other.stat.startTicks && one !== other;
}

function byAge(one: TreeNode, other: TreeNode): number {
  return one.stat.startTicks - other.stat.startTicks || one.pid - other.pid;
}

/** Each node before its children; without recursion, since a chain may be as long as pid_max. */
function inOrder(roots: readonly TreeNode[]): readonly TreeNode[] {
  const ordered: TreeNode[] = [];
  const waiting = [...roots].sort(byAge).reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    node.depth = node.parent === null ? 0 : node.parent.depth + 1;
    node.position = ordered.length;
    ordered.push(node);
    waiting.push(...node.children.sort(byAge).reverse());
  }
  for (const { parent, descendants } of ordered.toReversed()) {
    if (parent !== null) parent.descendants += descendants + 1;
  }
  return ordered;
}

function ancestorsOf(node: TreeNode): readonly TreeNode[] {
  const ancestors: TreeNode[] = [];
  for (let next = node.parent; next !== null; next = next.parent) ancestors.push(next);
  return ancestors.reverse();
}

const joined = (parts: readonly (string | number)[]): string =>
  parts.map((part) => `${part}/`).join("");

function realUserId(host: Host, pid: number): number | null {
  const uid = host.readText(`/proc/${pid}/status`)?.match(/^Uid:\s+(\d+)/m)?.[1];
  return uid === undefined ? null : Number(uid);
}

function workingDirectory(host: Host, pid: number): string | null {
  const link = host.readLink(`/proc/${pid}/cwd`);
  return link === null ? null : shownPath(link);
}

export const processTree = defineTable("process_tree", {
  *generate(request, host) {
    const reads = (column: string) => request.columns.has(column);
    const uuids = hostProcessUuids(host);
    const bootSeconds = bootTimeSeconds(host);
    const asked = new Set(requestedProcessIds(request, host));
    for (const node of readTree(host)) {
      const { pid, stat, parent } = node;
      if (!asked.has(pid)) continue;
      const ancestors = reads("ancestors") || reads("ancestor_pids") ? ancestorsOf(node) : [];
      yield {
        pid,
        parent: stat.parent,
        depth: node.depth,
        position: node.position,
        process_uuid: uuids?.(pid, stat.startTicks) ?? null,
        parent_uuid: parent === null ? null : (uuids?.(parent.pid, parent.stat.startTicks) ?? null),
        name: stat.name,
        path: reads("path") ? processFile(host, pid).path : null,
        cmdline: reads("cmdline") ? commandLine(host, pid) : null,
        cwd: reads("cwd") ? workingDirectory(host, pid) : null,
        uid: reads("uid") ? realUserId(host, pid) : null,
        state: stat.state,
        start_time:
          bootSeconds === null ? null : bootSeconds + Math.floor(stat.startTicks / ticksPerSecond),
        ancestors: joined(ancestors.map(({ stat: { name } }) => name)),
        ancestor_pids: joined(ancestors.map(({ pid: each }) => each)),
        children: node.children.length,
        descendants: node.descendants,
      };
    }
  },
});
