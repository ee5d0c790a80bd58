import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";

const folder = "/sys/class/net";

/** Last part of the link to the device, which is its address on its bus. */
function slotOf(host: Host, name: string): string {
  return host.readLink(`${folder}/${name}/device`)?.split("/").at(-1) ?? "-1";
}

function detailsOf(host: Host, name: string): TableRows["interface_details"] {
  const value = (file: string) => numericAttribute(host, `${folder}/${name}/${file}`);
  const count = (file: string) => value(`statistics/${file}`);
  return {
    interface: name,
    mac: attribute(host, `${folder}/${name}/address`),
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
    for (const name of host.list(folder).toSorted()) {
      // A file such as bonding_masters is no interface.
      if (host.stat(`${folder}/${name}`)?.isDirectory()) yield detailsOf(host, name);
    }
  },
});
