import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { numericAttribute } from "../sources/text_lines.js";

// net/if.h
const iffBroadcast = 0x2;

/** Broadcast addresses that the kernel's local table holds; the interface's own is among them when
 * it has one (`ip address add … brd +`). */
function broadcastAddresses(host: Host): ReadonlySet<string> {
  const text = host.readText("/proc/net/fib_trie") ?? "";
  const entries = text.matchAll(/\|-- ([\d.]+)\n\s+\/32 \w+ BROADCAST/g);
  return new Set([...entries].map(([, address = ""]) => address));
}

/** Address with all host bits set. */
function lastAddress({ address, netmask }: NetworkInterfaceInfo): string {
  const mask = netmask.split(".").map(Number);
  const parts = address.split(".").map((part, at) => Number(part) | (~(mask[at] ?? 0) & 0xff));
  return parts.join(".");
}

const scoped = (info: NetworkInterfaceInfo, name: string): string =>
  info.family === "IPv6" && info.scopeid !== 0 ? `${info.address}%${name}` : info.address;

export const interfaceAddresses = defineTable("interface_addresses", {
  *generate(_request, host) {
    const broadcasts = broadcastAddresses(host);
    for (const [name, infos] of Object.entries(networkInterfaces())) {
      const flags = numericAttribute(host, `/sys/class/net/${name}/flags`) ?? 0;
      for (const info of infos ?? []) {
        const broadcast = info.family === "IPv4" && flags & iffBroadcast ? lastAddress(info) : "";
        yield {
          interface: name,
          address: scoped(info, name),
          mask: info.netmask,
          broadcast: broadcasts.has(broadcast) ? broadcast : null,
          type: "unknown",
        };
      }
    }
  },
});
