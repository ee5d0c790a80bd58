import { AuditqlError } from "../errors.js";
import { readBody } from "../util/read_body.js";
import { type CommandIo, defineCommand } from "./define_command.js";
import { outputOptions } from "./output_options.js";
import { runStatements } from "./run_statements.js";
import { sourceOptions, withSource } from "./with_source.js";

export const queryCommand = defineCommand({
  name: "query",
  summary: "run SQL on a running daemon and print the rows",
  operands: "[SQL]...",
  description: [
    "Sends SQL to the daemon over its unix socket or, with --url, over HTTP, and prints the rows as they arrive. Without an argument, or with '-', reads the SQL from standard input. Several statements run in order, up to the first error. In the format json, their rows are one array.",
    "Standard output contains only rows. Errors go to standard error as 'auditql: CODE: message', with the codes of docs/reference/errors.md. Control characters in values are escaped where they could control a terminal.",
  ],
  options: { ...outputOptions, ...sourceOptions },
  errors: [
    "sql_error",
    "request_invalid",
    "daemon_unreachable",
    "internal",
    "answer_cut_off",
    "too_many_queries",
    "daemon_permission",
  ],
  examples: [
    {
      command:
        'auditql query "select time, pid, path, cmdline from process_events order by eid desc limit 5"',
      effect: "Print the five newest process events.",
    },
    {
      command: "auditql query --format ndjson 'select * from socket_events' | jq .remote_address",
      effect: "Print every socket event as JSON lines.",
    },
    {
      command: "auditql query --url http://127.0.0.1:9177 --token-file token < report.sql",
      effect: "Run a file of statements over HTTP.",
    },
    {
      command: 'auditql query --standalone "select pid, name from processes"',
      effect: "Query state tables without a daemon.",
    },
  ],
  async run({ options, operands, io }) {
    const sql = await readSql(operands, io);
    await withSource(options, io.env, (source) => runStatements({ source, sql, options, io }));
    return 0;
  },
});

const maxSqlBytes = 16 * 1024 * 1024;

async function readSql(operands: readonly string[], io: CommandIo): Promise<string> {
  const isFromStdin = operands.length === 0 || (operands.length === 1 && operands[0] === "-");
  if (!isFromStdin) return operands.join(";\n");
  if (io.stdin.isTTY === true && operands.length === 0) {
    throw new AuditqlError("usage", "Missing SQL. See auditql query --help.");
  }
  const tooLarge = () => new AuditqlError("usage", `The input exceeds ${maxSqlBytes} bytes.`);
  return (await readBody(io.stdin, { maxBytes: maxSqlBytes, tooLarge })).toString("utf8");
}
