import type { QuerySource } from "../client/query_source.js";
import { createTextSink } from "../client/text_sink.js";
import { AuditqlError } from "../errors.js";
import { type Addon, loadAddon } from "../native/addon.js";
import { auditLogLines } from "./audit_log_text.js";
import { daemonOptions } from "./daemon_options.js";
import { type CommandIo, defineCommand } from "./define_command.js";
import { storedEvents } from "./stored_events.js";
import { withEvents } from "./with_events.js";

export const exportCommand = defineCommand({
  name: "export",
  summary: "write stored events as an audit log",
  operands: "[FILE]...",
  description: [
    "Writes the process and socket events of a running daemon, oldest first, in the format of /var/log/audit/audit.log, for ausearch -if, aureport -if and similar tools. With files, it replays these logs and writes their events instead.",
    "The log is created from stored rows. Names, arguments, addresses, ids, times and serials are byte-exact as received from the kernel. Records lack data that the tables do not store: the other arguments of the call, inodes, the result of an exit, security labels, user records and, for a fork, the parent of the caller.",
    "Rows that are not a system call, such as processes already running when capture started, are counted on standard error.",
  ],
  options: {
    format: {
      type: "string",
      short: "f",
      value: "FORMAT",
      description: "Output format. Default: raw, auditd's format.",
      choices: ["raw"],
    },
    ...daemonOptions,
  },
  errors: [
    "daemon_unreachable",
    "daemon_permission",
    "answer_cut_off",
    "file_unreadable",
    "export_incomplete",
  ],
  examples: [
    {
      command: "auditql export > events.log && ausearch -if events.log -sc execve -i",
      effect: "Search the daemon's events with ausearch.",
    },
    {
      command:
        "auditql export audit.log > calls.log && aureport -if calls.log --executable --summary",
      effect: "Keep only the process and socket events of a log.",
    },
  ],
  async run(invocation) {
    await withEvents(invocation, (source) => writeEvents(source, invocation.io));
    return 0;
  },
});

async function writeEvents(source: QuerySource, io: CommandIo): Promise<void> {
  const numbers = cachedNumbers(loadAddon());
  const sink = createTextSink(io.stdout);
  const { events, evicted } = storedEvents(source);
  let leftOut = 0;
  let serial = 0;
  let text = "";
  for await (const event of events) {
    serial += 1;
    const lines = auditLogLines(event, { numbers, serial });
    if (lines === null) leftOut += 1;
    else text += `${lines.join("\n")}\n`;
    if (text.length < 65536) continue;
    await sink.write(text);
    text = "";
  }
  await sink.write(text);
  if (leftOut > 0) io.stderr.write(`auditql: ${leftOut} rows skipped: not a system call\n`);
  if (evicted() === 0) return;
  throw new AuditqlError(
    "export_incomplete",
    `${evicted()} events were evicted from the tables during the export. Export more often, or raise events_max and events_expiry.`,
  );
}

/** The addon searches its tables from the start each time. */
function cachedNumbers(addon: Addon): Pick<Addon, "callNumbers" | "errnoNumber"> {
  const calls = new Map<string, ReturnType<Addon["callNumbers"]>>();
  return {
    callNumbers(arch, syscall) {
      const key = `${arch} ${syscall}`;
      const known = calls.get(key);
      if (known !== undefined) return known;
      const numbers = addon.callNumbers(arch, syscall);
      calls.set(key, numbers);
      return numbers;
    },
    errnoNumber: (name) => addon.errnoNumber(name),
  };
}
