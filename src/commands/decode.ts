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
    "Reads files in the format of /var/log/audit/audit.log and prints one JSON object a line, for each record or for each event, in the order of the log. '-' is standard input; files packed by gzip are unpacked, whatever they are called. Files are read one after the other and never held as a whole.",
    "Records have the shape of go-libaudit's auparse: @timestamp, record_type, sequence, the fields with numbers named and hex values decoded, and the text itself. Events have that of its aucoalesce: actor, action, object and how, with ECS categories. An event of which records are missing has 'partial'. Where a record type came more than once, or a record contradicts the call, 'records' holds its records whole, by type. 'warnings' lists what the summary does not hold.",
    "A record may stand behind other text, as in files of syslog, or in the kernel's own form (audit: type=1300 audit(...)). Lines that are no audit record, and records that could not be printed, are counted on standard error.",
  ],
  options: {
    as: {
      type: "string",
      value: "WHAT",
      description: "What to print one object for. Default: events.",
      choices: ["records", "events"],
    },
    format: {
      type: "string",
      short: "f",
      value: "FORMAT",
      description: "How to print. Default: ndjson.",
      choices: ["ndjson"],
    },
  },
  errors: ["file_unreadable", "replay_empty"],
  examples: [
    {
      command: "auditql decode /var/log/audit/audit.log | jq -c '.summary'",
      effect: "Who did what, event by event.",
    },
    {
      command: "zcat audit.log.*.gz | auditql decode - --as records",
      effect: "Every record with its fields decoded.",
    },
  ],
  async run({ options, operands, io }) {
    if (operands.length === 0) {
      throw new AuditqlError("usage", "Name a file to decode, or '-' for standard input.");
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
      `No audit record in ${paths.join(", ")}. Are these files in the format of audit.log?`,
    );
  }
  const losses: readonly (readonly [number, string])[] = [
    [malformed, "not audit records"],
    [tooBig, "beyond the size limits and left out"],
    // Records are printed as they come.
    [item === "events" ? late : 0, "left out because their event was printed before they came"],
  ];
  for (const [count, what] of losses) {
    if (count > 0) io.stderr.write(`auditql: lines that are ${what}: ${count}\n`);
  }
}
