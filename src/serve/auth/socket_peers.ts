import type { Socket } from "node:net";
import { AuditqlError } from "../../errors.js";
import type { PeerCredentials } from "../../native/addon.js";
import type { Role } from "./token_holder.js";

export interface SocketPeersOptions {
  /** Asks the kernel; throws when it does not know. */
  readonly credentialsOf: (fd: number) => PeerCredentials;
  /** Uids that may ask, with the role read. */
  readonly readers: ReadonlySet<number>;
}

/** A process that connected to the unix socket, and what it may. */
export interface SocketPeer extends PeerCredentials {
  readonly role: Role;
}

/** Decides, by what the kernel says of the other end, who may ask over the unix socket. */
export class SocketPeers {
  readonly #options: SocketPeersOptions;
  /** The kernel keeps who connected for as long as the connection lives (unix(7), SO_PEERCRED). */
  readonly #known = new WeakMap<Socket, PeerCredentials>();

  constructor(options: SocketPeersOptions) {
    this.#options = options;
  }

  /** Throws `peer_refused` where the peer may not ask, or cannot be told. */
  admit(socket: Socket): SocketPeer {
    const peer = this.#known.get(socket) ?? this.#credentialsOf(socket);
    if (peer.uid === 0 || peer.uid === process.geteuid?.()) return { ...peer, role: "admin" };
    if (this.#options.readers.has(peer.uid)) return { ...peer, role: "read" };
    throw new AuditqlError(
      "peer_refused",
      `User ${peer.uid} is not permitted to use this socket. Add the user to auditql.http.socket_users.`,
    );
  }

  #credentialsOf(socket: Socket): PeerCredentials {
    const fd = descriptorOf(socket);
    if (fd === null)
      throw new AuditqlError(
        "peer_refused",
        "Cannot read peer credentials: the connection has no file descriptor.",
      );
    try {
      const peer = this.#options.credentialsOf(fd);
      this.#known.set(socket, peer);
      return peer;
    } catch (cause) {
      throw new AuditqlError("peer_refused", "Cannot read peer credentials (SO_PEERCRED).", {
        cause,
      });
    }
  }
}

/**
 * Node has no API for the descriptor of a connection; its handle has shown it as `fd` in every
 * version. Were that to change, nobody would be admitted, rather than anybody.
 */
function descriptorOf(socket: Socket): number | null {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null || !("fd" in handle)) return null;
  const { fd } = handle;
  return typeof fd === "number" && Number.isInteger(fd) && fd >= 0 ? fd : null;
}
