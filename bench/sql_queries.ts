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
const startS = 1_763_712_000;
const rowsPerSecond = 50;
const rowsPerProcess = 3;
const pids = 100_000;
const firstPid = 1000;

const columnList =
  "time, pid, parent, path, cmdline, cwd, auid, uid, euid, gid, egid, comm, syscall, event_type," +
  " event_action, process_uuid, parent_uuid, session_id, tty, success";

const countQuery = "count(*)";
const byPid = "pid = ?";
export const groupByPath = "GROUP BY path, top 10";
export const fullRead = "all rows, 20 columns, NDJSON";

/** The queries for a table of so many rows. */
export function benchQueries(rows: number): readonly BenchQuery[] {
  const seconds = rows / rowsPerSecond;
  const processes = Math.floor(rows / rowsPerProcess);
  return [
    { title: countQuery, sql: "SELECT count(*) FROM EVENTS", parameters: () => [] },
    {
      title: byPid,
      sql: "SELECT time, pid, path, cmdline FROM EVENTS WHERE pid = ?",
      parameters: (call) => [firstPid + ((call * 977) % Math.min(processes, pids))],
    },
    {
      title: "1% of time",
      sql: "SELECT time, pid, path, cmdline FROM EVENTS WHERE time BETWEEN ? AND ?",
      parameters: (call) => {
        const first = startS + Math.floor((((call * 37) % 97) / 100) * seconds);
        return [first, first + Math.ceil(seconds / 100) - 1];
      },
    },
    {
      title: groupByPath,
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
      title: fullRead,
      sql: `SELECT ${columnList} FROM EVENTS`,
      parameters: () => [],
      isLarge: true,
    },
  ];
}
