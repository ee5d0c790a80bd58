import { useEffect, useRef, useState } from "preact/hooks";
import { call, messageOf } from "../api.ts";
import { openEditor, type SqlEditor } from "../editor.ts";
import { count, duration, plural } from "../format.ts";
import { Notice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { ResultGrid } from "../result_grid.tsx";
import { linkTo } from "../route.ts";
import { type QueryResult, runQuery } from "../run_query.ts";
import { readFunctions, readTables, type TableDescription } from "../schema.ts";
import { useWindowEvent } from "../window_event.ts";

const draftName = "auditql-draft";
const example =
  "select time, pid, path, cmdline, username, process_uuid\nfrom process_events\nwhere event_action = 'exec'\norder by eid desc\nlimit 100";

const unusedHint = "No result yet. Press Ctrl+Enter to run the statement.";

/** Ad-hoc SQL: editor above, result below. The argument is a statement to start with. */
export function QueryView({ argument }: { readonly argument: string }) {
  const [result, setResult] = useState<QueryResult | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isRunning, setRunning] = useState(false);
  const abort = useRef<AbortController | null>(null);
  const text = useRef(argument || localStorage.getItem(draftName) || example);

  const run = async (sql: string, explain = false) => {
    if (sql === "") return;
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setRunning(true);
    setError(null);
    setResult(null);
    try {
      const show = (come: QueryResult) => setResult({ ...come });
      const whole = await runQuery({ sql, explain, signal: mine.signal, onProgress: show });
      setResult(whole);
      setError(whole.outcome?.error?.message ?? null);
    } catch (cause) {
      if (abort.current === mine) setError(mine.signal.aborted ? "Cancelled." : messageOf(cause));
    }
    if (abort.current === mine) setRunning(false);
  };
  const runNow = useRef(run);
  runNow.current = run;
  const cancel = () => abort.current?.abort();

  const { answer: tables, error: tablesError } = usePolled(readTables, 0);
  useEffect(() => () => abort.current?.abort(), []);
  useWindowEvent("keydown", ({ key }) => {
    if (key === "Escape") cancel();
  });
  return (
    <section class="query" aria-labelledby="query-title">
      <h1 id="query-title" class="visually-hidden">
        Query
      </h1>
      <Editor text={text} tables={tables} onRun={(sql) => void runNow.current(sql)} />
      <QueryBar
        isRunning={isRunning}
        result={result}
        onRun={(explain) => void run(text.current, explain)}
        onCancel={cancel}
        onExport={() => void exportCsv(text.current, setError)}
      />
      <Notice error={error} />
      {tablesError !== null && (
        <p class="bad-text">Completion of names is not available yet. {tablesError} Retrying.</p>
      )}
      {result === null ? (
        <p class="empty">{isRunning ? "Running …" : error === null && unusedHint}</p>
      ) : (
        <ResultGrid columns={result.columns} rows={result.rows} length={result.rows.length} />
      )}
    </section>
  );
}

interface BarProps {
  readonly isRunning: boolean;
  readonly result: QueryResult | null;
  readonly onRun: (explain: boolean) => void;
  readonly onCancel: () => void;
  readonly onExport: () => void;
}

function QueryBar({ isRunning, result, onRun, onCancel, onExport }: BarProps) {
  return (
    <div class="bar">
      <button type="button" class="primary" disabled={isRunning} onClick={() => onRun(false)}>
        Run
      </button>
      <button type="button" disabled={!isRunning} onClick={onCancel}>
        Cancel
      </button>
      <button type="button" disabled={isRunning} onClick={() => onRun(true)}>
        Explain
      </button>
      <button type="button" disabled={!result} onClick={onExport}>
        CSV
      </button>
      <a class="button" href={linkTo("tables")}>
        Tables
      </a>
      <span role="status" class="status">
        {statusOf(result, isRunning)}
      </span>
    </div>
  );
}

interface EditorProps {
  readonly text: { current: string };
  /** Null until they are known: typing does not wait for them. */
  readonly tables: readonly TableDescription[] | null;
  readonly onRun: (sql: string) => void;
}

function Editor({ text, tables, onRun }: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<SqlEditor | null>(null);
  const { answer: functions } = usePolled(readFunctions, 0);
  useEffect(() => {
    const parent = box.current;
    if (parent === null) return;
    const onChange = (changed: string) => {
      text.current = changed;
      localStorage.setItem(draftName, changed);
    };
    const opened = openEditor({ parent, text: text.current, onRun, onChange });
    editor.current = opened;
    opened.focus();
    return opened.close;
  }, []);
  useEffect(() => {
    editor.current?.offer({ tables: tables ?? [], functions: functions ?? [] });
  }, [tables, functions]);
  return <div ref={box} class="editor" />;
}

function statusOf(result: QueryResult | null, isRunning: boolean): string {
  if (result === null) return "";
  const { outcome, rows } = result;
  if (outcome === null) return `${plural(rows.length, "row")}${isRunning ? " so far" : ""}`;
  const cut =
    outcome.truncatedBy === null ? "" : `, truncated at the limit on ${outcome.truncatedBy}`;
  const evicted =
    outcome.evictedRows === 0 ? "" : `, ${count(outcome.evictedRows)} evicted during the query`;
  const refused =
    outcome.refusedFiles === 0
      ? ""
      : `, ${plural(outcome.refusedFiles, "file")} not read (secrets of the daemon, or no permission for this role)`;
  const repeated =
    outcome.repeated.length === 0
      ? ""
      : `, duplicate column name ${outcome.repeated.join(", ")}: only the last is shown (use AS to rename)`;
  const warnings = outcome.warnings.map((warning) => `. ${warning}`).join("");
  return `${plural(outcome.rows, "row")} in ${duration(outcome.elapsedMs)}${cut}${evicted}${refused}${repeated}${warnings}`;
}

/** Runs the statement again for CSV, so that the file is not bounded by what the page shows. */
async function exportCsv(sql: string, onError: (message: string) => void): Promise<void> {
  try {
    const answer = await call("/v1/query", { method: "POST", body: { sql, format: "csv" } });
    const url = URL.createObjectURL(await answer.blob());
    const link = Object.assign(document.createElement("a"), { href: url, download: "auditql.csv" });
    link.click();
    URL.revokeObjectURL(url);
  } catch (cause) {
    onError(messageOf(cause));
  }
}
