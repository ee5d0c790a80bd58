import { createTextSink } from "../client/text_sink.js";
import { AuditqlError } from "../errors.js";
import { type LogPrinter, loadAddon } from "../native/addon.js";
import { type CommandIo, defineCommand } from "./define_command.js";
import { readLog } from "./log_bytes.js";

export const decodeCommand = defineCommand({
  name: "decode",
  summary: "print recorded audit logs as JSON",
  operands: "FILE...",
  description: [
    "Reads files in the format of /var/log/audit/audit.log and prints one JSON object per line for each record or each event, in the order of the log. '-' is standard input; gzip files are decompressed, whatever their name. Files are streamed in order and never loaded as a whole.",
    "Records have the structure of go-libaudit's auparse: @timestamp, record_type, sequence, the fields with names for numbers and decoded hex values, and the raw text. Events have the structure of its aucoalesce: actor, action, object and how, with ECS categories. An event with missing records has 'partial'. When a record type occurs more than once, or a record contradicts the call, 'records' contains its complete records by type. 'warnings' lists what the summary lacks.",
    "A record may follow other text, as in syslog files, or have the kernel's format (audit: type=1300 audit(...)). Standard error gets the number of lines without an audit record, and of records that could not be printed.",
  ],
  options: {
    as: {
      type: "string",
      value: "WHAT",
      description: "Unit of one JSON object. Default: events.",
      choices: ["records", "events"],
    },
    format: {
      type: "string",
      short: "f",
      value: "FORMAT",
      description: "Output format. Default: ndjson.",
      choices: ["ndjson"],
    },
  },
  errors: ["file_unreadable", "replay_empty"],
  examples: [
    {
      command: "auditql decode /var/log/audit/audit.log | jq -c '.summary'",
      effect: "Print who did what, event by event.",
    },
    {
      command: "zcat audit.log.*.gz | auditql decode - --as records",
      effect: "Print every record with decoded fields.",
    },
  ],
  async run({ options, operands, io }) {
    if (operands.length === 0) {
      throw new AuditqlError(
        "usage",
        "Missing file to decode. Give a file, or '-' for standard input.",
      );
    }
    const item = options.as === "records" ? "records" : "events";
    const printer = loadAddon().openLogPrinter(item);
    await print(printer, operands, io);
    reportLosses(printer, { item, paths: operands }, io);
    return 0;
  },
});

const lineEnd = Buffer.from("\n");

async function print(printer: LogPrinter, paths: readonly string[], io: CommandIo): Promise<void> {
  const sink = createTextSink(io.stdout);
  const write = (lines: Uint8Array) => sink.write(lines);
  for (const path of paths) {
    await readLog(path, io.stdin, (bytes) => write(printer.feed(bytes)));
    // A last line without its end must not run into the next file.
    await write(printer.feed(lineEnd));
  }
  await write(printer.finish());
}

/** Everything that was read and is not in the output. */
function reportLosses(
  printer: LogPrinter,
  { item, paths }: { readonly item: "records" | "events"; readonly paths: readonly string[] },
  io: CommandIo,
): void {
  const { records, malformed, tooBig, late } = printer.counts();
  if (records === malformed + tooBig) {
    throw new AuditqlError(
      "replay_empty",
      `No audit record in ${paths.join(", ")}. Give files in the format of audit.log.`,
    );
  }
  const losses: readonly (readonly [number, string])[] = [
    [malformed, "without an audit record"],
    [tooBig, "skipped: larger than the size limits"],
    // Records are printed as they come.
    [item === "events" ? late : 0, "skipped: late, after their event was printed"],
  ];
  for (const [count, what] of losses) {
    if (count > 0) io.stderr.write(`auditql: lines ${what}: ${count}\n`);
  }
}
