import { AuditqlError } from "../errors.js";
import type { Engine } from "../native/engine.js";
import { type CommandIo, defineCommand, type OptionValues } from "./define_command.js";
import { readLog } from "./log_bytes.js";
import { outputOptions } from "./output_options.js";
import { replayStatistics } from "./replay_statistics.js";
import { runStatements } from "./run_statements.js";
import { type Scratch, withScratchSource } from "./scratch_source.js";

const replayOptions = {
  query: {
    type: "string",
    short: "q",
    value: "SQL",
    description: "Statements to run after reading all files. Repeatable.",
    isMultiple: true,
  },
  stats: {
    type: "boolean",
    description:
      "Print statistics of lines and events to standard error: records, other lines, rows per table, ignored and dropped events.",
  },
  ...outputOptions,
} as const;

export const replayCommand = defineCommand({
  name: "replay",
  summary: "run SQL over recorded audit logs",
  operands: "FILE...",
  description: [
    "Reads files in the format of /var/log/audit/audit.log, decodes them exactly like live events, and runs SQL over the resulting event tables. A record may follow other text, as in syslog files, or have the kernel's format (audit: type=1300 audit(...)). The prefix 'node=NAME' gives the host name, which may contain several words. Lines without a record are counted ('--stats'). Requires no daemon, and only read access to the files. '-' is standard input; gzip files are decompressed, whatever their name.",
    "Give rotated files oldest first: events get their eid in reading order. Events do not expire. The tables are stored in a temporary directory below $TMPDIR, which is removed at the end; they use about as much space as the decompressed logs.",
  ],
  options: replayOptions,
  errors: [
    "sql_error",
    "request_invalid",
    "file_unreadable",
    "replay_empty",
    "replay_incomplete",
    "internal",
  ],
  examples: [
    {
      command:
        'auditql replay audit.log.1 audit.log --query "select time, path, cmdline from process_events where uid = 0"',
      effect: "Print what root ran.",
    },
    {
      command:
        "zcat audit.log.*.gz | auditql replay - -f ndjson -q 'select * from socket_events' --stats",
      effect: "Print every socket event of compressed logs.",
    },
  ],
  async run({ options, operands, io }) {
    if (operands.length === 0) {
      throw new AuditqlError(
        "usage",
        "Missing file to replay. Give a file, or '-' for standard input.",
      );
    }
    if (options.query.length === 0) {
      throw new AuditqlError("usage", "Missing --query SQL.");
    }
    await withScratchSource("replay", (scratch) => replay(scratch, { options, operands, io }));
    return 0;
  },
});

interface ReplayCall {
  readonly options: OptionValues<typeof replayOptions>;
  readonly operands: readonly string[];
  readonly io: CommandIo;
}

async function replay(scratch: Scratch, { options, operands, io }: ReplayCall): Promise<void> {
  const { engine, source } = scratch;
  for (const path of operands) {
    const before = seenRecords(engine);
    await readLog(path, io.stdin, (bytes) => engine.feedLog(bytes));
    if (seenRecords(engine) === before) {
      io.stderr.write(`auditql: ${path}: no audit record in it\n`);
    }
  }
  engine.finishLog();
  if (seenRecords(engine) === 0) {
    throw new AuditqlError(
      "replay_empty",
      `No audit record in ${operands.join(", ")}. Give files in the format of audit.log.`,
    );
  }
  if (options.stats) io.stderr.write(replayStatistics(engine));
  await runStatements({ source, sql: options.query.join(";\n"), options, io });
  checkNothingDropped(engine);
}

/** Lines that are records, whether or not they made a row or still wait for others. */
function seenRecords(engine: Engine): number {
  const count = (metric: string, reason?: string) =>
    engine.counter({ stage: "decode", name: "audit", metric, ...(reason && { reason }) }).get();
  return count("seen") - count("dropped", "malformed") - count("dropped", "too_big");
}

/** Rows that left their table, and rows that never were in it. */
const isMissing = (metric: string) => metric === "dropped" || metric === "refused";

function checkNothingDropped(engine: Engine): void {
  const dropped = engine
    .health()
    .filter((row) => row.stage === "store" && isMissing(row.metric) && row.value > 0)
    .map((row) => `${row.value} of ${row.name} (${row.reason})`);
  if (dropped.length === 0) return;
  throw new AuditqlError(
    "replay_incomplete",
    `Replay dropped rows; results are incomplete: ${dropped.join(", ")}. Free space in $TMPDIR.`,
  );
}
