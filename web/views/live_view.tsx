import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../api.ts";
import { follow } from "../follow.ts";
import { plural } from "../format.ts";
import { Notice } from "../notice.tsx";
import { ResultGrid } from "../result_grid.tsx";
import type { Row } from "../run_query.ts";

/** Rows that are kept; older ones go. */
const maxKept = 2000;

const feeds = {
  process_events:
    "strftime('%H:%M:%S', time, 'unixepoch') as utc, event_action, pid, parent, username, path, cmdline, coalesce(error, '') as error, process_uuid",
  socket_events:
    "strftime('%H:%M:%S', time, 'unixepoch') as utc, action, pid, username, path, remote_address, remote_port, status, process_uuid",
} as const;
type Feed = keyof typeof feeds;

const actions: Readonly<Record<Feed, string>> = {
  process_events: "event_action = 'exec'",
  socket_events: "action = 'connect'",
};

/** Events as they arrive, newest first. */
export function LiveView() {
  const [feed, setFeed] = useState<Feed>("process_events");
  const [filter, setFilter] = useState<string>(actions.process_events);
  const [statement, setStatement] = useState(() => statementOf("process_events", filter));
  const { columns, rows, total, missed, error, isPaused, setPaused } = useFeed(statement);
  const choose = (name: Feed) => {
    setFeed(name);
    setFilter(actions[name]);
    setStatement(statementOf(name, actions[name]));
  };
  const apply = (event: Event) => {
    event.preventDefault();
    setStatement(statementOf(feed, filter));
  };
  return (
    <section class="live">
      <h1>Live events</h1>
      <form class="bar" onSubmit={apply}>
        <label for="feed">Table</label>
        <select
          id="feed"
          value={feed}
          onChange={(event) =>
            choose(
              event.currentTarget.value === "socket_events" ? "socket_events" : "process_events",
            )
          }
        >
          {Object.keys(feeds).map((name) => (
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
          {isPaused ? "Go on" : "Pause"}
        </button>
        <span role="status" class="status">
          {plural(total, "row")}
          {missed > 0 ? `, ${plural(missed, "event")} missed` : ""}
        </span>
      </form>
      <Notice error={error} />
      {columns.length === 0 && error === null && <p class="empty waiting">Connecting …</p>}
      <ResultGrid columns={columns} rows={rows} length={rows.length} />
    </section>
  );
}

function statementOf(feed: Feed, filter: string): string {
  const where = filter.trim() === "" ? "" : ` where ${filter}`;
  return `select ${feeds[feed]} from ${feed}${where}`;
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
        const news = rows.map((row): Row => columns.map((name) => row[name] ?? null)).reverse();
        setState((before) => ({
          ...before,
          rows: [...news, ...before.rows].slice(0, maxKept),
          total: before.total + rows.length,
        }));
      },
      onMissed: (events) => setState((before) => ({ ...before, missed: before.missed + events })),
      onLost: (message) => tell(`${message} Trying again.`),
    }).catch((error: unknown) => tell(messageOf(error)));
    return () => gone.abort();
  }, [sql, isPaused]);
  useEffect(() => setState(emptyFeed), [sql]);
  return { ...state, isPaused, setPaused };
}
