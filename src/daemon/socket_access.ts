import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { Addon } from "../native/addon.js";
import { openThisHost } from "../tables/host.js";
import { groupsOf } from "../tables/sources/account_files.js";

/** Whom the configuration lets use the unix socket, in the kernel's terms. */
export interface SocketAccess {
  /** Group that may open it; null: none. */
  readonly gid: number | null;
  readonly readers: ReadonlySet<number>;
}

/** Looks the names up. One that nobody has gives no access. */
export function readSocketAccess(http: Config["http"], addon: Addon): SocketAccess {
  const { socketGroup, socketUsers } = http;
  const readers = socketUsers.flatMap((user) => uidOf(user, addon) ?? []);
  const gid = typeof socketGroup === "string" ? gidOf(socketGroup) : socketGroup;
  return { gid: gid ?? null, readers: new Set(readers) };
}

/** Names of users and of a group that this host does not know. */
export function checkSocketAccess(
  { enabled, socketGroup, socketUsers }: Config["http"],
  addon: Addon,
): readonly StageProblem[] {
  if (!enabled) return [];
  const users = socketUsers.flatMap((user, index) =>
    uidOf(user, addon) === undefined
      ? [unknownName(["socket_users", String(index)], `unknown user: ${user}`)]
      : [],
  );
  const isGroupUnknown = typeof socketGroup === "string" && gidOf(socketGroup) === undefined;
  const group = isGroupUnknown
    ? [unknownName(["socket_group"], `unknown group: ${socketGroup}`)]
    : [];
  return [...users, ...group];
}

/** A warning: the host that checks a configuration may not be the one that runs it. */
function unknownName([key = "", ...rest]: readonly string[], message: string): StageProblem {
  return {
    severity: "warning",
    code: "config_broken",
    keys: ["auditql", "http", key, ...rest],
    message: `http.${key}: ${message}`,
  };
}

function uidOf(user: string | number, addon: Addon): number | undefined {
  return typeof user === "number" ? user : addon.tableSources.accounts([user])[0]?.uid;
}

/** Of a group of /etc/group. */
function gidOf(name: string): number | undefined {
  const host = openThisHost();
  for (const group of groupsOf(host)) if (group.name === name) return group.gid;
  return undefined;
}
