import { integersEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { processIds } from "../sources/process_list.js";
import { socketHolders, socketsOf } from "./sockets.js";

const nobody = [{ pid: -1, fd: -1 }];

export const processOpenSockets = defineTable("process_open_sockets", {
  *generate(request, host) {
    const requested = integersEqualTo(request, "pid");
    const wantsAll = requested === null || requested.includes(-1);
    const pids = wantsAll ? processIds(host) : requested.filter((pid) => pid > 0);
    const holders = socketHolders(host, pids);
    for (const socket of socketsOf(host, pids)) {
      // Sockets without a process are e.g. connections in TIME_WAIT.
      for (const { pid, fd } of holders.get(socket.inode) ?? (wantsAll ? nobody : [])) {
        yield {
          pid,
          fd,
          socket: BigInt(socket.inode),
          family: socket.family,
          protocol: socket.protocol,
          local_address: socket.localAddress,
          remote_address: socket.remoteAddress,
          local_port: socket.localPort,
          remote_port: socket.remotePort,
          path: socket.path,
          state: socket.state,
          net_namespace: socket.netNamespace,
        };
      }
    }
  },
});
