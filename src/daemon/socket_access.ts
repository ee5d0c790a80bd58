import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { Addon } from "../native/addon.js";
import { openThisHost } from "../tables/host.js";
import { groupsOf } from "../tables/sources/account_files.js";

/** Whom the configuration lets use the unix socket, in the kernel's terms. */
export interface SocketAccess {
  /** Group that may open it; null: none. */
  readonly gid: number | null;
  readonly readers: ReadonlySet<number>;
}

export interface AccessSources {
  readonly addon: Addon;
  readonly logger: Logger;
}

/** Looks the names up. One that nobody has is left out and warned of: it gives no access. */
export function readSocketAccess(
  { socketGroup, socketUsers }: Config["http"],
  { addon, logger }: AccessSources,
): SocketAccess {
  const readers = new Set<number>();
  for (const user of socketUsers) {
    const uid = typeof user === "number" ? user : addon.tableSources.accounts([user])[0]?.uid;
    if (uid === undefined) logger.warn(`http.socket_users: there is no user ${user}`);
    else readers.add(uid);
  }
  const gid = typeof socketGroup === "string" ? gidOf(socketGroup) : socketGroup;
  if (gid === undefined) logger.warn(`http.socket_group: there is no group ${socketGroup}`);
  return { gid: gid ?? null, readers };
}

/** Of a group of /etc/group. */
function gidOf(name: string): number | undefined {
  const host = openThisHost();
  for (const group of groupsOf(host)) if (group.name === name) return group.gid;
  return undefined;
}
