import type { FilterRule, TableSources } from "../../native/table_sources.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { trimmedLines } from "../sources/text_lines.js";

type Row = TableRows["iptables"];

// linux/netfilter_ipv4/ip_tables.h
const invertedIn = 0x01;
const invertedOut = 0x02;
const invertedSource = 0x08;
const invertedDestination = 0x10;

function ruleColumns(rule: FilterRule): Row {
  const not = (flag: number) => ((rule.inverted & flag) !== 0 ? "!" : "");
  const named = (name: string, flag: number) => (name === "" ? "all" : `${not(flag)}${name}`);
  return {
    target: rule.target,
    // A number cannot show that it is inverted.
    protocol: rule.protocol,
    src_port: rule.sourcePorts ?? "",
    dst_port: rule.destinationPorts ?? "",
    src_ip: `${not(invertedSource)}${rule.source}`,
    src_mask: rule.sourceMask,
    iniface: named(rule.inInterface, invertedIn),
    iniface_mask: rule.inMask,
    dst_ip: `${not(invertedDestination)}${rule.destination}`,
    dst_mask: rule.destinationMask,
    outiface: named(rule.outInterface, invertedOut),
    outiface_mask: rule.outMask,
    match: rule.hasMatches ? "yes" : "no",
  };
}

/** Rows that the kernel gives to a process with CAP_NET_ADMIN; null for any other. */
export function packetFilterRows(host: Host, sources: TableSources): readonly Row[] | null {
  const rows: Row[] = [];
  for (const filter_name of trimmedLines(host, "/proc/net/ip_tables_names")) {
    const rules = sources.packetFilterRules(filter_name);
    if (rules === null) return null;
    for (const rule of rules) {
      const { chain, policy, packets, bytes } = rule;
      rows.push({
        filter_name,
        chain,
        policy,
        packets,
        bytes,
        ...(rule.isChain ? {} : ruleColumns(rule)),
      });
    }
  }
  return rows;
}

export const iptables = defineTable("iptables", {
  generate(_request, host) {
    const reads = host.privilegedReads();
    if (reads !== null) return reads.packetFilter() ?? [];
    const sources = host.sources();
    return (sources === null ? null : packetFilterRows(host, sources)) ?? [];
  },
});
