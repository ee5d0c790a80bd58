import { machine } from "node:os";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute } from "../sources/text_lines.js";

type Row = TableRows["system_info"];

const dmiFolder = "/sys/class/dmi/id";

/** Processors of /proc/cpuinfo, each a map of its lines. */
function processors(host: Host): ReadonlyMap<string, string>[] {
  const blocks = (host.readText("/proc/cpuinfo") ?? "").split(/\n\n+/);
  return blocks
    .map((block) => new Map([...block.matchAll(/^([^\t:]+)\t*: ?(.*)$/gm)].map(keyAndValue)))
    .filter((fields) => fields.has("processor"));
}

const keyAndValue = ([, key = "", value = ""]: RegExpMatchArray): [string, string] => [key, value];

function processorColumns(host: Host): Row {
  const all = processors(host);
  const first = all[0] ?? new Map<string, string>();
  const cores = new Set(all.map((cpu) => `${cpu.get("physical id")}:${cpu.get("core id")}`));
  const siblings = Number(first.get("siblings") ?? 0);
  return {
    cpu_subtype: first.get("model") ?? "0",
    cpu_brand: first.get("model name")?.trim() ?? null,
    // Architectures other than x86 name no cores: each processor is one.
    cpu_physical_cores: first.has("core id") ? cores.size : all.length,
    cpu_logical_cores: all.length,
    cpu_sockets: siblings > 0 ? Math.floor(all.length / siblings) : null,
    cpu_microcode: first.get("microcode") ?? null,
  };
}

/** What the firmware says of the machine (DMI); serial numbers are for the superuser. */
function hardwareColumns(host: Host): Row {
  const read = (name: string) => attribute(host, `${dmiFolder}/${name}`);
  const [model, version] = [read("product_name"), read("product_version")];
  // Lenovo keeps the model where others keep the version.
  const isSwapped = read("sys_vendor")?.toLowerCase() === "lenovo";
  return {
    hardware_vendor: read("sys_vendor"),
    hardware_model: isSwapped ? version : model,
    hardware_version: isSwapped ? model : version,
    hardware_serial: read("product_serial"),
    board_vendor: read("board_vendor"),
    board_model: read("board_name"),
    board_version: read("board_version"),
    board_serial: read("board_serial"),
  };
}

/** First name of the line of /etc/hosts that has the host's name, as getaddrinfo(3) with
 * AI_CANONNAME finds it. */
function fullName(host: Host, name: string): string {
  for (const line of host.readText("/etc/hosts")?.split("\n") ?? []) {
    const [, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (names.includes(name)) return names[0] ?? name;
  }
  return name;
}

export const systemInfo = defineTable("system_info", {
  *generate(_request, host) {
    const name = attribute(host, "/proc/sys/kernel/hostname") ?? "";
    const memory = host.readText("/proc/meminfo")?.match(/^MemTotal: +(\d+)/m)?.[1];
    const hostname = fullName(host, name);
    yield {
      hostname,
      uuid:
        host.daemonRows().osquery_info?.[0]?.uuid ?? attribute(host, `${dmiFolder}/product_uuid`),
      cpu_type: machine(),
      ...processorColumns(host),
      physical_memory: memory === undefined ? -1 : Number(memory) * 1024,
      ...hardwareColumns(host),
      computer_name: name,
      local_hostname: hostname,
    };
  },
});
