import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";

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

const deviceFolder = "/sys/class/net";

/** Last part of the link to the device, which is its address on its bus. */
function slotOf(host: Host, name: string): string {
  return host.readLink(`${deviceFolder}/${name}/device`)?.split("/").at(-1) ?? "-1";
}

function detailsOf(host: Host, name: string): TableRows["interface_details"] {
  const value = (file: string) => numericAttribute(host, `${deviceFolder}/${name}/${file}`);
  const count = (file: string) => value(`statistics/${file}`);
  return {
    interface: name,
    mac: attribute(host, `${deviceFolder}/${name}/address`),
    type: value("type"),
    mtu: value("mtu"),
    // SIOCGIFMETRIC of netdevice(7): always 0 on Linux.
    metric: 0,
    flags: value("flags"),
    ipackets: count("rx_packets"),
    opackets: count("tx_packets"),
    ibytes: count("rx_bytes"),
    obytes: count("tx_bytes"),
    ierrors: count("rx_errors"),
    oerrors: count("tx_errors"),
    idrops: count("rx_dropped"),
    odrops: count("tx_dropped"),
    collisions: count("collisions"),
    last_change: -1,
    link_speed: Math.max(value("speed") ?? 0, 0),
    pci_slot: slotOf(host, name),
  };
}

export const interfaceDetails = defineTable("interface_details", {
  *generate(_request, host) {
    for (const name of host.list(deviceFolder).toSorted()) {
      // A file such as bonding_masters is no interface.
      if (host.stat(`${deviceFolder}/${name}`)?.isDirectory()) yield detailsOf(host, name);
    }
  },
});

const ipv6Folder = "/proc/sys/net/ipv6/conf";

export const interfaceIpv6 = defineTable("interface_ipv6", {
  *generate(_request, host) {
    for (const name of host.list(ipv6Folder)) {
      // Not interfaces but their defaults.
      if (name === "all" || name === "default") continue;
      const setting = (file: string) => numericAttribute(host, `${ipv6Folder}/${name}/${file}`);
      yield {
        interface: name,
        hop_limit: setting("hop_limit"),
        forwarding_enabled: setting("forwarding"),
        redirect_accept: setting("accept_redirects"),
        rtadv_accept: setting("accept_ra"),
      };
    }
  },
});
