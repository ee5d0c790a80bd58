import type { Host } from "../host.js";
import { namespaceInode, openDescriptors } from "../sources/process_list.js";
import { addressFromHex } from "./ip_address.js";

/** A line of /proc/PID/net/{tcp,udp,raw,icmp,udplite,unix,packet}. */
export interface Socket {
  readonly inode: string;
  readonly family: number;
  readonly protocol: number;
  readonly localAddress: string | null;
  readonly localPort: number;
  readonly remoteAddress: string | null;
  readonly remotePort: number;
  readonly path: string | null;
  readonly state: string | null;
  readonly netNamespace: string;
}

/** A descriptor that refers to a socket. */
interface Holder {
  readonly pid: number;
  readonly fd: number;
}

export const afUnix = 1;
export const afInet = 2;
export const afInet6 = 10;
const afPacket = 17;

const ipprotoTcp = 6;
const inetFiles: readonly (readonly [name: string, protocol: number])[] = [
  ["icmp", 1],
  ["tcp", ipprotoTcp],
  ["udp", 17],
  ["udplite", 136],
  ["raw", 255],
];

// include/net/tcp_states.h
const tcpStates = [
  "UNKNOWN",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSED",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
];

const unaddressed = {
  localAddress: null,
  localPort: 0,
  remoteAddress: null,
  remotePort: 0,
  path: null,
  state: null,
};

interface NetFile {
  readonly host: Host;
  readonly pid: number;
  readonly netNamespace: string;
}

function linesOf({ host, pid }: NetFile, name: string): string[] {
  const text = host.readText(`/proc/${pid}/net/${name}`) ?? "";
  return text.split("\n").slice(1);
}

const parseEndpoint = (text: string): [address: string, port: number] => {
  const [address = "", port = "0"] = text.split(":");
  return [addressFromHex(address), Number.parseInt(port, 16)];
};

function* inetSockets(file: NetFile, name: string, protocol: number): Iterable<Socket> {
  const family = name.endsWith("6") ? afInet6 : afInet;
  for (const line of linesOf(file, name)) {
    const fields = line.trim().split(/\s+/);
    const [, local, remote, state, , , , , , inode] = fields;
    if (local === undefined || remote === undefined || inode === undefined) continue;
    const [localAddress, localPort] = parseEndpoint(local);
    const [remoteAddress, remotePort] = parseEndpoint(remote);
    const stateName = tcpStates[Number.parseInt(state ?? "0", 16)] ?? "UNKNOWN";
    yield {
      ...unaddressed,
      inode,
      family,
      protocol,
      localAddress,
      localPort,
      remoteAddress,
      remotePort,
      state: protocol === ipprotoTcp ? stateName : null,
      netNamespace: file.netNamespace,
    };
  }
}

function* unixSockets(file: NetFile): Iterable<Socket> {
  for (const line of linesOf(file, "unix")) {
    // The path is the rest of the line and may hold blanks.
    const fields = line.match(/^\S+ \S+ (\S+) \S+ \S+ \S+ +(\d+)(?: (.*))?$/);
    if (fields === null) continue;
    const [, protocol = "0", inode = "", path] = fields;
    yield {
      ...unaddressed,
      inode,
      family: afUnix,
      protocol: Number.parseInt(protocol, 16),
      path: path ?? null,
      netNamespace: file.netNamespace,
    };
  }
}

function* packetSockets(file: NetFile): Iterable<Socket> {
  for (const line of linesOf(file, "packet")) {
    const [, , , protocol, , , , , inode] = line.trim().split(/\s+/);
    if (protocol === undefined || inode === undefined) continue;
    yield {
      ...unaddressed,
      inode,
      family: afPacket,
      protocol: Number.parseInt(protocol, 16),
      state: "NONE",
      netNamespace: file.netNamespace,
    };
  }
}

/** One process of each network namespace. A namespace that cannot be read (another user's
 * process, without CAP_SYS_PTRACE) is left out unless it would be the only one. */
function namespaceMembers(host: Host, pids: readonly number[]): Map<string, number> {
  const members = new Map<string, number>();
  for (const pid of pids) {
    const inode = namespaceInode(host, pid, "net");
    // A process that ended meanwhile has no net directory; the next of its namespace has.
    if (inode === null || members.has(inode)) continue;
    if (host.stat(`/proc/${pid}/net/unix`) !== null) members.set(inode, pid);
  }
  const [first] = pids;
  if (members.size === 0 && first !== undefined) members.set("0", first);
  return members;
}

/** Sockets of the network namespaces that the processes live in, each namespace read once. */
export function* socketsOf(host: Host, pids: readonly number[]): Iterable<Socket> {
  for (const [netNamespace, pid] of namespaceMembers(host, pids)) {
    const file = { host, pid, netNamespace };
    for (const [name, protocol] of inetFiles) {
      yield* inetSockets(file, name, protocol);
      yield* inetSockets(file, `${name}6`, protocol);
    }
    yield* unixSockets(file);
    yield* packetSockets(file);
  }
}

/** Who holds which socket, by inode. A socket that is shared, as by a server's children, has
 * several holders. */
export function socketHolders(host: Host, pids: readonly number[]): Map<string, Holder[]> {
  const holders = new Map<string, Holder[]>();
  for (const pid of pids) {
    for (const [fd, link] of openDescriptors(host, pid)) {
      if (!link.startsWith("socket:[")) continue;
      const inode = link.slice("socket:[".length, -1);
      const present = holders.get(inode);
      if (present === undefined) holders.set(inode, [{ pid, fd }]);
      else present.push({ pid, fd });
    }
  }
  return holders;
}
