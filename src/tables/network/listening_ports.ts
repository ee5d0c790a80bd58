import { defineTable } from "../define_table.js";
import { processIds } from "../sources/process_list.js";
import { afInet, afInet6, afUnix, type Socket, socketHolders, socketsOf } from "./sockets.js";

/** As osquery: unconnected network sockets and named unix sockets. */
function isListening(socket: Socket): boolean {
  if (socket.family === afUnix) return socket.path !== null;
  if (socket.family === afInet || socket.family === afInet6) return socket.remotePort === 0;
  return true;
}

export const listeningPorts = defineTable("listening_ports", {
  *generate(_request, host) {
    const pids = processIds(host);
    const holders = socketHolders(host, pids);
    for (const socket of socketsOf(host, pids)) {
      if (!isListening(socket)) continue;
      const isUnix = socket.family === afUnix;
      for (const { pid, fd } of holders.get(socket.inode) ?? [{ pid: -1, fd: -1 }]) {
        yield {
          pid,
          port: socket.localPort,
          protocol: socket.protocol,
          family: socket.family,
          address: socket.localAddress,
          fd,
          socket: isUnix ? 0 : BigInt(socket.inode),
          path: socket.path,
          net_namespace: socket.netNamespace,
        };
      }
    }
  },
});
