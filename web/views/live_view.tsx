import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../api.ts";
import { SourceNotice, useCapture } from "../capture.tsx";
import { follow } from "../follow.ts";
import { plural } from "../format.ts";
import { Notice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { ResultGrid } from "../result_grid.tsx";
import type { Row } from "../run_query.ts";
import { readTables } from "../schema.ts";

/** Rows that are kept; older ones go. */
const maxKept = 2000;

/** What is shown of the two busiest tables; of others all that is visible. */
const columnsOf: Readonly<Record<string, string>> = {
  process_events:
    "ntime, event_action, pid, parent, username, path, cmdline, coalesce(error, '') as error, process_uuid",
  socket_events:
    "ntime, action, pid, username, path, remote_address, remote_port, status, process_uuid",
};
/** Conditions to begin with. */
const conditions: Readonly<Record<string, string>> = {
  process_events: "event_action = 'exec'",
  socket_events: "action = 'connect'",
};

/** Events as they arrive, newest first. */
export function LiveView() {
  const [table, setTable] = useState("process_events");
  const [filter, setFilter] = useState(conditions[table] ?? "");
  const [statement, setStatement] = useState(() => statementOf(table, filter));
  const { answer: tables } = usePolled(readTables, 0);
  const { answer: capture } = useCapture();
  const feed = useFeed(statement);
  const { columns, rows, total, missed, error, isPaused, setPaused } = feed;
  const names = (tables ?? []).filter(({ kind }) => kind === "event").map(({ name }) => name);
  // What is chosen anew is looked at now: a pause would keep its rows and its errors.
  const show = (sql: string) => {
    setPaused(false);
    setStatement(sql);
  };
  const choose = (name: string) => {
    const condition = conditions[name] ?? "";
    setTable(name);
    setFilter(condition);
    show(statementOf(name, condition));
  };
  const apply = (event: Event) => {
    event.preventDefault();
    show(statementOf(table, filter));
  };
  return (
    <section class="live">
      <h1>Live events</h1>
      <form class="bar" onSubmit={apply}>
        <label for="feed">Table</label>
        <select id="feed" value={table} onChange={(event) => choose(event.currentTarget.value)}>
          {[...new Set([...Object.keys(columnsOf), ...names])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <label for="filter">where</label>
        <input
          id="filter"
          class="wide code"
          value={filter}
          placeholder="any event"
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Follow
        </button>
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? "Resume" : "Pause"}
        </button>
        <span role="status" class="status">
          {plural(total, "row")}
          {missed > 0 ? `, ${plural(missed, "event")} dropped` : ""}
        </span>
      </form>
      <Notice error={error} />
      <SourceNotice capture={capture} table={table} />
      {columns.length === 0 && error === null && <p class="empty waiting">Connecting …</p>}
      <ResultGrid columns={columns} rows={rows} length={rows.length} />
    </section>
  );
}

function statementOf(table: string, filter: string): string {
  const where = filter.trim() === "" ? "" : ` where ${filter}`;
  return `select ${columnsOf[table] ?? "*"} from ${table}${where}`;
}

interface FeedState {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly total: number;
  readonly missed: number;
  readonly error: string | null;
}

const emptyFeed: FeedState = { columns: [], rows: [], total: 0, missed: 0, error: null };

function useFeed(sql: string) {
  const [state, setState] = useState(emptyFeed);
  const [isPaused, setPaused] = useState(false);
  // Where a feed goes on after a pause, too: what came meanwhile is shown then.
  const places = useRef({ sql, place: { eid: null as string | null } });
  if (places.current.sql !== sql) places.current = { sql, place: { eid: null } };
  useEffect(() => {
    if (isPaused) return;
    const gone = new AbortController();
    let columns: readonly string[] = [];
    const tell = (error: string) => {
      if (!gone.signal.aborted) setState((before) => ({ ...before, error }));
    };
    follow({
      sql,
      signal: gone.signal,
      place: places.current.place,
      onStart: (names) => {
        columns = names;
        setState((before) => ({ ...before, columns: names, error: null }));
      },
      onRows: (rows) => {
        const news = rows.map((row): Row => columns.map((name) => row[name])).reverse();
        setState((before) => ({
          ...before,
          rows: [...news, ...before.rows].slice(0, maxKept),
          total: before.total + rows.length,
        }));
      },
      onMissed: (events) => setState((before) => ({ ...before, missed: before.missed + events })),
      onLost: (message) => tell(`${message} Retrying.`),
    }).catch((error: unknown) => tell(messageOf(error)));
    return () => gone.abort();
  }, [sql, isPaused]);
  useEffect(() => setState(emptyFeed), [sql]);
  return { ...state, isPaused, setPaused };
}
