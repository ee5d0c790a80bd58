import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";

/** How far an action of an array is, as md writes it. */
interface ArrayProgress {
  readonly action: string;
  readonly progress: string;
  readonly finish: string;
  readonly speed: string;
}

/** An array of /proc/mdstat (drivers/md/md.c, md_seq_show()). */
interface ArrayStatus {
  readonly name: string;
  readonly status: string;
  readonly progress: ArrayProgress | null;
  readonly bitmap: {
    readonly inMemory: string;
    readonly chunkSize: string;
    readonly file: string | null;
  } | null;
  /** Lines that none of the above was made of, joined by a blank. */
  readonly other: string;
}

interface Mdstat {
  readonly arrays: readonly ArrayStatus[];
  readonly unusedDevices: string;
}

const progressLine =
  /(recovery|resync|reshape|check)\s*=\s*([\d.]+% \(\d+\/\d+\)) finish=(\S+) speed=(\S+)/;
const bitmapLine = /bitmap: (\d+\/\d+ pages \[\w+\]), (\w+) chunk(?:, file: (.*))?/;

function parseArray(block: string): ArrayStatus | null {
  const [head = "", ...lines] = block.split("\n");
  const [, name, status] = head.match(/^(md\S*) : (\S+(?: \([^)]*\))?)/) ?? [];
  if (name === undefined || status === undefined) return null;
  const [, action = "", progress = "", finish = "", speed = ""] = block.match(progressLine) ?? [];
  const [, inMemory = "", chunkSize = "", file] = block.match(bitmapLine) ?? [];
  const isTold = (line: string) =>
    progressLine.test(line) || bitmapLine.test(line) || / blocks/.test(line);
  return {
    name,
    status,
    progress: action === "" ? null : { action, progress, finish, speed },
    bitmap: inMemory === "" ? null : { inMemory, chunkSize, file: file ?? null },
    other: lines
      .map((line) => line.trim())
      .filter((line) => line !== "" && !isTold(line))
      .join(" "),
  };
}

/** Software RAID as /proc/mdstat shows it. */
function readMdstat(host: Host): Mdstat {
  const text = host.readText("/proc/mdstat") ?? "";
  // An array's line begins at the margin; those that belong to it are indented.
  const blocks = text.split(/\n(?=\S)/).map(parseArray);
  const unused = text.match(/^unused devices: (.*)$/m)?.[1] ?? "<none>";
  return {
    arrays: blocks.filter((array) => array !== null),
    unusedDevices: unused === "<none>" ? "" : unused,
  };
}

/** A member of an array (Documentation/admin-guide/md.rst). */
interface Member {
  readonly name: string;
  readonly slot: number;
  /** in_sync, spare, faulty, …, joined by commas as the kernel has them. */
  readonly states: readonly string[];
}

function mdMembers(host: Host, array: string): readonly Member[] {
  const folder = `/sys/block/${array}/md`;
  const names = host.list(folder).filter((name) => name.startsWith("dev-"));
  return names.toSorted().map((name) => {
    const slot = Number(attribute(host, `${folder}/${name}/slot`));
    return {
      name: name.slice("dev-".length),
      slot: Number.isInteger(slot) ? slot : -1,
      states: attribute(host, `${folder}/${name}/state`)?.split(",") ?? [],
    };
  });
}

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

// osquery's words for states of drivers/md.
const shownStates: Readonly<Record<string, string>> = {
  in_sync: "active sync",
  write_mostly: "write-mostly",
};

export const mdDrives = defineTable("md_drives", {
  *generate(_request, host) {
    for (const { name: md_device_name } of readMdstat(host).arrays) {
      for (const { name, slot, states } of mdMembers(host, md_device_name)) {
        yield {
          md_device_name,
          drive_name: `/dev/${name}`,
          slot,
          state: states.map((state) => shownStates[state] ?? state).join(" "),
        };
      }
    }
  },
});

export const mdPersonalities = defineTable("md_personalities", {
  *generate(_request, host) {
    const line = host.readText("/proc/mdstat")?.match(/^Personalities : (.*)$/m)?.[1] ?? "";
    for (const [, name = ""] of line.matchAll(/\[(\w+)\]/g)) yield { name };
  },
});
