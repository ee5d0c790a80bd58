/** A query that is asked of an event table and of an ordinary table with the same rows. */
export interface BenchQuery {
  readonly title: string;
  /** `EVENTS` stands for the table. */
  readonly sql: string;
  /** Values of its parameters; other ones for each call. */
  readonly parameters: (call: number) => readonly number[];
  /** Needs the table `processes`, which only a connection of auditql has. */
  readonly joinsProcesses?: boolean;
  /** All of a result as NDJSON: too large to be held as JavaScript values. */
  readonly isLarge?: boolean;
}

// As bench/store/process_rows.h makes them.
const START_S = 1_763_712_000;
const ROWS_PER_SECOND = 50;
const ROWS_PER_PROCESS = 3;
const PIDS = 100_000;
const FIRST_PID = 1000;

const COLUMNS =
  "time, pid, parent, path, cmdline, cwd, auid, uid, euid, gid, egid, comm, syscall, event_type," +
  " event_action, process_uuid, parent_uuid, session_id, tty, success";

const COUNT = "count(*)";
const BY_PID = "pid = ?";
export const GROUP_BY_PATH = "GROUP BY path, top 10";
export const FULL_READ = "all rows, 20 columns, NDJSON";

/** The queries for a table of so many rows. */
export function benchQueries(rows: number): readonly BenchQuery[] {
  const seconds = rows / ROWS_PER_SECOND;
  const processes = Math.floor(rows / ROWS_PER_PROCESS);
  return [
    { title: COUNT, sql: "SELECT count(*) FROM EVENTS", parameters: () => [] },
    {
      title: BY_PID,
      sql: "SELECT time, pid, path, cmdline FROM EVENTS WHERE pid = ?",
      parameters: (call) => [FIRST_PID + ((call * 977) % Math.min(processes, PIDS))],
    },
    {
      title: "1% of time",
      sql: "SELECT time, pid, path, cmdline FROM EVENTS WHERE time BETWEEN ? AND ?",
      parameters: (call) => {
        const first = START_S + Math.floor((((call * 37) % 97) / 100) * seconds);
        return [first, first + Math.ceil(seconds / 100) - 1];
      },
    },
    {
      title: GROUP_BY_PATH,
      sql: "SELECT path, count(*) FROM EVENTS GROUP BY path ORDER BY count(*) DESC LIMIT 10",
      parameters: () => [],
    },
    {
      title: "GROUP BY path, uid",
      sql: "SELECT path, uid, count(*) FROM EVENTS GROUP BY path, uid ORDER BY count(*) DESC LIMIT 10",
      parameters: () => [],
    },
    {
      title: "cmdline LIKE '%…%'",
      sql: "SELECT count(*) FROM EVENTS WHERE cmdline LIKE '%object-77%'",
      parameters: () => [],
    },
    {
      title: "JOIN processes",
      sql:
        "SELECT p.pid, p.name, count(*) FROM processes p JOIN EVENTS e ON e.pid = p.pid" +
        " GROUP BY p.pid, p.name",
      parameters: () => [],
      joinsProcesses: true,
    },
    {
      title: FULL_READ,
      sql: `SELECT ${COLUMNS} FROM EVENTS`,
      parameters: () => [],
      isLarge: true,
    },
  ];
}
