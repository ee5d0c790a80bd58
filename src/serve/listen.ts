import { chmodSync, lchownSync, lstatSync, unlinkSync } from "node:fs";
import { connect, isIP, type ListenOptions, type Server } from "node:net";
import { AuditqlError, messageOf } from "../errors.js";

/** Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn. Where there
 * are more, connect(2) to a unix socket fails at once. */
const backlog = 4096;

export interface TcpAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Must be set to listen anywhere but on loopback. */
  readonly isRemoteAllowed: boolean;
}

/** Listens on a TCP address; answers with the port taken. */
export async function listenTcp(server: Server, address: TcpAddress): Promise<number> {
  const { host, port } = address;
  requireAllowedAddress(address);
  await listen(server, { host, port }, `${host} port ${port}`);
  const bound = server.address();
  return bound !== null && typeof bound === "object" ? bound.port : port;
}

/** Throws `bind_refused` for an address that clients of other hosts reach without leave. */
export function requireAllowedAddress({
  host,
  isRemoteAllowed,
}: Pick<TcpAddress, "host" | "isRemoteAllowed">): void {
  if (isRemoteAllowed || isLoopback(host)) return;
  throw new AuditqlError(
    "bind_refused",
    `${host} is not a loopback address, and the configuration does not allow remote clients. List the host names that clients use in auditql.http.allowed_hosts.`,
  );
}

/** Bytes of sun_path, of which the last ends the name (unix(7)). */
const longestSocketPath = 107;

/** Throws `listen_failed` for a path that no unix socket can have. */
export function requireSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= longestSocketPath) return;
  throw new AuditqlError(
    "listen_failed",
    `${path} has ${bytes} bytes; the path of a unix socket is limited to ${longestSocketPath} bytes. Set auditql.http.socket_path.`,
  );
}

export interface UnixAddress {
  readonly path: string;
  /** Group that may open it, too; null: the daemon's user alone. */
  readonly gid: number | null;
}

/** Listens on a unix socket that only the daemon's user, and the group, can open. */
export async function listenUnix(server: Server, { path, gid }: UnixAddress): Promise<void> {
  requireSocketPath(path);
  await removeStaleSocket(path);
  // bind(2) makes the file, and Node calls it before listen() returns: with the mask set around
  // it, there is no moment at which another user could connect.
  const mask = process.umask(0o177);
  try {
    const listening = listen(server, { path }, path);
    process.umask(mask);
    await listening;
  } finally {
    process.umask(mask);
  }
  if (gid !== null) openToGroup(path, gid);
}

/** The group first: were the mode first, the daemon's own group could connect for a moment. */
function openToGroup(path: string, gid: number): void {
  try {
    lchownSync(path, process.geteuid?.() ?? 0, gid);
    chmodSync(path, 0o660);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AuditqlError("listen_failed", `Cannot change the group of the socket: ${reason}`, {
      cause,
    });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function listen(server: Server, options: ListenOptions, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(listenError(cause, where));
    server.once("error", fail);
    server.listen({ ...options, backlog }, () => {
      server.removeListener("error", fail);
      resolve();
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, where: string): AuditqlError {
  if (cause.code === "EADDRINUSE") {
    return new AuditqlError(
      "port_in_use",
      `Another process listens on ${where}. Stop it, or configure another port.`,
      { cause },
    );
  }
  return new AuditqlError("listen_failed", `${where}: ${cause.code ?? cause.message}`, { cause });
}

/** A daemon that was killed leaves its socket file behind, and bind(2) refuses an existing file. */
async function removeStaleSocket(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket()) {
    throw new AuditqlError("listen_failed", `${path} exists and is not a socket. Remove it.`);
  }
  if (await isAnswered(path)) {
    throw new AuditqlError("socket_in_use", `Another daemon listens on ${path}. Stop it first.`);
  }
  unlinkSync(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
