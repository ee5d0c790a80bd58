import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { trimmedLines } from "../sources/text_lines.js";
import { addressFromHex, ipv6Text } from "./ip_address.js";

type Row = TableRows["routes"];

// linux/route.h, linux/ipv6_route.h
const rtfGateway = 0x2;
const rtfReject = 0x200;
const rtfLocal = 0x80000000;
const rtfAnycast = 0x100000;

const hexNumber = (text: string | undefined): number => Number.parseInt(text ?? "0", 16);

/** 0 for the route to a single host, as osquery has it. */
const prefixLength = (bits: number, full: number): number => (bits === full ? 0 : bits);

const countOnes = (hex: string): number => hexNumber(hex).toString(2).replaceAll("0", "").length;

function* ipv4Routes(host: Host): Iterable<Row> {
  for (const line of [...trimmedLines(host, "/proc/net/route")].slice(1)) {
    const [device, destination, gateway, flags, , , metric, mask, mtu] = line.split(/\s+/);
    if (device === undefined || destination === undefined || mask === undefined) continue;
    const hasGateway = (hexNumber(flags) & rtfGateway) !== 0;
    yield {
      destination: addressFromHex(destination),
      netmask: prefixLength(countOnes(mask), 32),
      gateway: hasGateway ? addressFromHex(gateway ?? "") : null,
      interface: device,
      metric: Number(metric),
      mtu: Number(mtu),
      flags: 0,
      hopcount: 0,
      type: (hexNumber(flags) & rtfReject) === 0 ? "gateway" : "other",
    };
  }
}

/** Addresses of /proc/net/ipv6_route are in network order. */
const ipv6FromHex = (hex: string): string => ipv6Text([...Buffer.from(hex, "hex")]);

function ipv6RouteType(flags: number): string {
  if (flags & rtfLocal) return "local";
  if (flags & rtfAnycast) return "anycast";
  return flags & rtfReject ? "other" : "gateway";
}

function* ipv6Routes(host: Host): Iterable<Row> {
  for (const line of trimmedLines(host, "/proc/net/ipv6_route")) {
    const [destination, prefix, , , gateway, metric, , , flags, device] = line.split(/\s+/);
    if (destination === undefined || gateway === undefined || device === undefined) continue;
    const bits = hexNumber(flags);
    yield {
      destination: ipv6FromHex(destination),
      netmask: prefixLength(hexNumber(prefix), 128),
      gateway: bits & rtfGateway ? ipv6FromHex(gateway) : null,
      interface: device,
      metric: hexNumber(metric),
      mtu: 0,
      flags: 0,
      hopcount: 0,
      type: ipv6RouteType(bits),
    };
  }
}

export const routes = defineTable("routes", {
  *generate(_request, host) {
    yield* ipv4Routes(host);
    yield* ipv6Routes(host);
  },
});
