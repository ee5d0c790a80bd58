import type { Host } from "../host.js";

/** How far an action of an array is, as md writes it. */
export interface ArrayProgress {
  readonly action: string;
  readonly progress: string;
  readonly finish: string;
  readonly speed: string;
}

/** An array of /proc/mdstat (drivers/md/md.c, md_seq_show()). */
export interface ArrayStatus {
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

export interface Mdstat {
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
export function readMdstat(host: Host): Mdstat {
  const text = host.readText("/proc/mdstat") ?? "";
  // An array's line begins at the margin; those that belong to it are indented.
  const blocks = text.split(/\n(?=\S)/).map(parseArray);
  const unused = text.match(/^unused devices: (.*)$/m)?.[1] ?? "<none>";
  return {
    arrays: blocks.filter((array) => array !== null),
    unusedDevices: unused === "<none>" ? "" : unused,
  };
}
