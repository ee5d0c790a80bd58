import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";

type Row = TableRows["carbon_black_info"];

const folder = "/var/lib/cb";

/** 16 digits, of which the last five are the id. */
function sensorId(host: Host): number | null {
  const text = host.readText(`${folder}/sensor.id`) ?? "";
  const id = text.length === 16 ? Number.parseInt(text.slice(11), 16) : Number.NaN;
  return Number.isNaN(id) ? null : id;
}

function settingColumns(settings: string): Row {
  const text = (name: string) =>
    decodeURIComponent(settings.match(new RegExp(`^${name}=(.*)$`, "m"))?.[1]?.trim() ?? "");
  const number = (name: string) => (/^-?\d+$/.test(text(name)) ? Number(text(name)) : -1);
  return {
    config_name: text("ConfigName"),
    collect_store_files: number("CollectStoreFiles"),
    collect_module_loads: number("CollectModuleLoads"),
    collect_module_info: number("CollectModuleInfo"),
    collect_file_mods: number("CollectFileMods"),
    collect_reg_mods: number("CollectRegMods"),
    collect_net_conns: number("CollectNetConns"),
    collect_processes: number("CollectProcesses"),
    collect_cross_processes: number("CollectCrossProcess"),
    collect_emet_events: number("CollectEmetEvents"),
    sensor_backend_server: text("SensorBackendServer"),
    collect_data_file_writes: 0,
    collect_process_user_context: 0,
    collect_sensor_operations: 0,
    log_file_disk_quota_mb: 0,
    log_file_disk_quota_percentage: 0,
    protection_disabled: 0,
    sensor_ip_addr: "",
  };
}

function queueBytes(host: Host, isOfQueue: (name: string) => boolean): number {
  return host
    .list(folder)
    .filter(isOfQueue)
    .map((name) => Number(host.stat(`${folder}/${name}`)?.size ?? 0))
    .reduce((sum, size) => sum + size, 0);
}

export const carbonBlackInfo = defineTable("carbon_black_info", {
  *generate(_request, host) {
    const settings = host.readText(`${folder}/sensorsettings.ini`);
    const id = sensorId(host);
    if (settings === null && id === null) return;
    yield {
      sensor_id: id,
      ...settingColumns(settings ?? ""),
      event_queue: queueBytes(host, (name) => /^events(\.|$)/.test(name)),
      binary_queue: queueBytes(host, (name) => name === "filedata" || name === "metadata"),
    };
  },
});
