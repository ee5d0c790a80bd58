import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mdMembers } from "../sources/md_members.js";
import { type ArrayStatus, readMdstat } from "../sources/mdstat.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";

type Row = TableRows["md_devices"];

const linearLevel = -1;
const kibibyte = 1024;

function raidLevel(text: string | null): number | null {
  if (text === "linear") return linearLevel;
  const digits = text?.match(/^raid(\d+)$/)?.[1];
  return digits === undefined ? null : Number(digits);
}

function memberColumns(host: Host, name: string): Row {
  const members = mdMembers(host, name);
  const count = (state: string) => members.filter(({ states }) => states.includes(state)).length;
  const failed = count("faulty");
  return {
    nr_raid_disks: members.length,
    working_disks: members.length - failed,
    active_disks: count("in_sync"),
    failed_disks: failed,
    spare_disks: count("spare"),
  };
}

function progressColumns({ progress }: ArrayStatus): Row {
  const of = (action: string, part: "progress" | "finish" | "speed") =>
    progress?.action === action ? progress[part] : null;
  return {
    recovery_progress: of("recovery", "progress"),
    recovery_finish: of("recovery", "finish"),
    recovery_speed: of("recovery", "speed"),
    resync_progress: of("resync", "progress"),
    resync_finish: of("resync", "finish"),
    resync_speed: of("resync", "speed"),
    reshape_progress: of("reshape", "progress"),
    reshape_finish: of("reshape", "finish"),
    reshape_speed: of("reshape", "speed"),
    check_array_progress: of("check", "progress"),
    check_array_finish: of("check", "finish"),
    check_array_speed: of("check", "speed"),
  };
}

export const mdDevices = defineTable("md_devices", {
  *generate(_request, host) {
    const { arrays, unusedDevices } = readMdstat(host);
    for (const array of arrays) {
      const folder = `/sys/block/${array.name}/md`;
      const kibibytes = numericAttribute(host, `${folder}/component_size`);
      yield {
        device_name: array.name,
        status: array.status,
        raid_level: raidLevel(attribute(host, `${folder}/level`)),
        size: kibibytes === null ? null : kibibytes * kibibyte,
        chunk_size: numericAttribute(host, `${folder}/chunk_size`),
        raid_disks: numericAttribute(host, `${folder}/raid_disks`),
        ...memberColumns(host, array.name),
        superblock_state: attribute(host, `${folder}/array_state`),
        superblock_version: attribute(host, `${folder}/metadata_version`),
        superblock_update_time: 0,
        bitmap_on_mem: array.bitmap?.inMemory ?? null,
        bitmap_chunk_size: array.bitmap?.chunkSize ?? null,
        bitmap_external_file: array.bitmap?.file ?? null,
        ...progressColumns(array),
        unused_devices: unusedDevices,
        other: array.other,
      };
    }
  },
});
