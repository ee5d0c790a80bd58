import { AuditqlError } from "../errors.js";
import { daemonOptions } from "./daemon_options.js";
import { defineCommand } from "./define_command.js";
import { outputOptions } from "./output_options.js";
import { runStatements } from "./run_statements.js";
import { withEvents } from "./with_events.js";

const { "max-rows": _, ...shownOptions } = outputOptions;
const defaultLimit = 20;

const figures = `sum(events) as events,
    round(1.0 * sum(events) / sum(sum(events)) over (), 4) as share,
    min(first_time) as first_time, max(last_time) as last_time`;

/** The rows of both tables, counted by one column. */
function counted(by: string, more = ""): string {
  const rows = (table: string) => `select ${by}, count(*) as events,
    min(time) as first_time, max(time) as last_time${more} from ${table} group by ${by}`;
  return `counted as (${rows("process_events")} union all ${rows("socket_events")})`;
}

/** A value of the newest event that has it of the process that counted rows are about: one look-up
 * per process, not per row. */
function newest(value: string, uuid: string): string {
  return `(select ${value} from process_events p
    where p.process_uuid = c.${uuid} and p.event_action in ('exec', 'existing_process')
    and ${value} <> '' order by p.eid desc limit 1)`;
}

/** An open CASE: no shell, interpreter or program that starts others is offered. */
const noteOfLauncher = (column: string) =>
  `case when is_launcher(${column}) then 'no exclusion offered: it runs commands for other programs'`;

const queries = {
  path: "select * from event_top",
  cmdline: `with ${counted("process_uuid")}, named as (
    select ${newest("p.cmdline", "process_uuid")} as cmdline,
      ${newest("p.exe", "process_uuid")} as path, c.* from counted c)
    select cmdline, ${figures},
      case when path like '/%' and not is_launcher(path) then json_object('exe', path) end
        as exclude, ${noteOfLauncher("path")} end as note
    from named group by cmdline, path order by events desc, cmdline`,
  username: `with ${counted("uid", ", max(username) as username")}
    select max(username) as username, uid, ${figures},
      case when uid is not null then json_object('uid', uid) end as exclude,
      case when uid is not null then 'hides all that the user does' end as note
    from counted group by uid order by events desc, uid`,
  parent: `with ${counted("parent_uuid")}, named as (
    select ${newest("p.exe", "parent_uuid")} as parent, c.* from counted c)
    select parent, ${figures},
      case when parent like '/%' and not is_launcher(parent) then json_object('parent', parent) end
        as exclude,
      ${noteOfLauncher("parent")} when parent is not null then 'hides all that it starts' end as note
    from named group by parent order by events desc, parent`,
} as const;

type Grouping = keyof typeof queries;

const groupings = Object.keys(queries).filter(isGrouping);

function isGrouping(name: string): name is Grouping {
  return Object.hasOwn(queries, name);
}

export const topCommand = defineCommand({
  name: "top",
  summary: "show the largest sources of events, and how to exclude them",
  operands: "[FILE]...",
  description: [
    "Counts the daemon's rows of process_events and socket_events, or the events of the given log files, in descending order. The column exclude is an element for the setting auditql.capture.exclude that excludes such events. Add it there, and reload the configuration. A command line cannot be excluded, only its executable.",
    "Excluded events are only counted. Exclude programs, not users that an attacker could control. Shells, interpreters and programs that start others (the SQL function is_launcher) have no exclusion here, because it would hide everything that an attacker runs with them. The column note says this, and what the exclusion of a user or parent hides.",
  ],
  options: {
    by: {
      type: "string",
      value: "WHAT",
      description:
        "Group by the executable of the process (path), its newest command line, its user, or the executable of its parent. Default: path.",
      choices: groupings,
    },
    limit: {
      type: "string",
      short: "n",
      value: "N",
      description: `Maximum number of rows. Default: ${defaultLimit}.`,
    },
    ...shownOptions,
    ...daemonOptions,
  },
  errors: ["sql_error", "daemon_unreachable", "daemon_permission", "file_unreadable"],
  examples: [
    { command: "auditql top", effect: "Show the executables with the most events." },
    {
      command: "auditql top --by parent -n 1 -f list --no-header",
      effect: "Show the parent that starts the noisiest processes.",
    },
  ],
  async run(invocation) {
    const { options, io } = invocation;
    const by = options.by ?? "path";
    if (!isGrouping(by)) throw new AuditqlError("usage", `Unknown value of --by: ${by}.`);
    const output = { ...options, "max-rows": undefined };
    const sql = `${queries[by]} limit ${wantedRows(options.limit)}`;
    await withEvents(invocation, (source) => runStatements({ source, sql, options: output, io }));
    return 0;
  },
});

function wantedRows(text: string | undefined): number {
  const rows = Number(text ?? defaultLimit);
  if (Number.isSafeInteger(rows) && rows > 0) return rows;
  throw new AuditqlError(
    "usage",
    `--limit must be an integer above 0, not ${JSON.stringify(text)}.`,
  );
}
