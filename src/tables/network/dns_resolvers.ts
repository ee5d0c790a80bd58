import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { trimmedLines } from "../sources/text_lines.js";

// resolv.h: MAXNS, MAXDNSRCH, MAXRESOLVSORT.
const maxServers = 3;
const maxDomains = 6;
const maxSorted = 10;
// RES_INIT | RES_RECURSE | RES_DEFNAMES | RES_DNSRCH.
const defaultFlags = 0x2c1;
const optionFlags: Readonly<Record<string, number>> = {
  debug: 0x2,
  "use-vc": 0x8,
  inet6: 0x2000,
  rotate: 0x4000,
  edns0: 0x100000,
  "single-request": 0x200000,
  "single-request-reopen": 0x400000,
  "no-tld-query": 0x1000000,
  "no-reload": 0x2000000,
  "trust-ad": 0x4000000,
};

interface Resolver {
  readonly servers: readonly string[];
  readonly domains: readonly string[];
  readonly sortList: readonly string[];
  readonly flags: number;
}

/** resolv.conf(5) as the C library reads it. */
function readResolver(host: Host): Resolver {
  const lines = [...trimmedLines(host, "/etc/resolv.conf")].map((line) => line.split(/\s+/));
  const words = (keyword: string) => lines.filter(([first]) => first === keyword);
  const servers = words("nameserver").flatMap(([, address]) => address ?? []);
  // The last of `search` and `domain` counts.
  const search = lines.findLast(([first]) => first === "search" || first === "domain")?.slice(1);
  const options = words("options").flatMap((line) => line.slice(1));
  return {
    servers: servers.length === 0 ? ["127.0.0.1"] : servers.slice(0, maxServers),
    domains: (search ?? hostDomain(host)).slice(0, maxDomains),
    sortList: words("sortlist").flatMap((line) => line.slice(1, maxSorted + 1)),
    flags: options.reduce((flags, option) => flags | (optionFlags[option] ?? 0), defaultFlags),
  };
}

function hostDomain(host: Host): string[] {
  const name = host.readText("/proc/sys/kernel/hostname")?.trim() ?? "";
  const dot = name.indexOf(".");
  return dot < 0 ? [] : [name.slice(dot + 1)];
}

function* resolverRows(host: Host): Iterable<TableRows["dns_resolvers"]> {
  const { servers, sortList, domains, flags: options } = readResolver(host);
  for (const [id, address] of servers.entries()) {
    yield { id, type: "nameserver", address, netmask: "32", options };
  }
  for (const [id, entry] of sortList.entries()) {
    const [address = "", netmask] = entry.split("/");
    yield { id, type: "sortlist", address, netmask: netmask ?? null, options };
  }
  for (const [id, address] of domains.entries()) yield { id, type: "search", address, options };
}

export const dnsResolvers = defineTable("dns_resolvers", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const row of resolverRows(scope.host)) yield { ...row, ...scope.columns };
    }
  },
});
