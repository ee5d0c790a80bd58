import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { read } from "../api.ts";
import { cellText, rawText, timeText } from "../format.ts";
import { PolledNotice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { linkTo } from "../route.ts";
import { useRovingFocus } from "../roving_focus.ts";
import { type Cell, queryRows } from "../run_query.ts";
import { FileNow, ProcessFacts } from "./process_facts.tsx";
import { Records } from "./records.tsx";

type Fields = Readonly<Record<string, Cell>>;

interface ProcessTree {
  readonly process: Fields;
  readonly ancestors: readonly Fields[];
  readonly descendants: readonly Fields[];
  readonly sockets: readonly Fields[];
  readonly timeline: readonly Fields[];
  readonly executable: readonly Fields[];
}

const refreshMs = 3000;

/** One process with its family and its deeds, or a list to choose one from. */
export function ProcessView({ argument }: { readonly argument: string }) {
  return argument === "" ? <ProcessList /> : <OneProcess key={argument} uuid={argument} />;
}

type ListKind = "running" | "started";

/** What runs now as a tree, or what started last. */
function ProcessList() {
  const [kind, setKind] = useState<ListKind>("running");
  const [text, setText] = useState("");
  const polled = usePolled(
    (signal) => queryRows(kind === "running" ? runningStatement : startedStatement(text), signal),
    refreshMs,
    kind === "running" ? [kind] : [kind, text],
  );
  const list = useRef<HTMLUListElement>(null);
  useRovingFocus(list, "a.process");
  const { answer } = polled;
  const needle = text.toLowerCase();
  const shown = (answer ?? []).filter((row) =>
    `${row["name"]} ${row["path"]} ${row["cmdline"]}`.toLowerCase().includes(needle),
  );
  const choice = (name: ListKind, label: string) => (
    <button type="button" aria-pressed={kind === name} onClick={() => setKind(name)}>
      {label}
    </button>
  );
  return (
    <section>
      <h1>Processes</h1>
      <div class="bar">
        <div class="choice">
          {choice("running", "Running now")}
          {choice("started", "Newest started")}
        </div>
        <label for="find">Path or arguments contain</label>
        <input
          id="find"
          class="wide"
          type="search"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <PolledNotice of={polled} />
      {answer !== null && shown.length === 0 && (
        <p class="empty">
          {kind === "running" ? "No running process matches." : "No stored event matches."}
        </p>
      )}
      <ul ref={list} class="processes card">
        {shown.map((row) => (
          <ProcessLine
            key={`${row["process_uuid"]} ${row["path"]}`}
            fields={row}
            depth={needle === "" ? Number(row["depth"] ?? 0) : 0}
          />
        ))}
      </ul>
    </section>
  );
}

const runningStatement = `
  select depth, pid, name, path, cmdline, process_uuid, start_time as time
  from process_tree where path <> '' order by position`;

function startedStatement(text: string): string {
  const pattern = `%${text.replaceAll("'", "''")}%`;
  return `select time, pid, path, cmdline, username, process_uuid from process_events
    where event_action in ('exec', 'existing_process') and (path like '${pattern}' or cmdline like '${pattern}')
    order by eid desc limit 200`;
}

function OneProcess({ uuid }: { readonly uuid: string }) {
  // The file is read, and hashed, once: it is told when.
  const file = useRef<{ readonly executable: readonly Fields[]; readonly time: number } | null>(
    null,
  );
  const polled = usePolled(
    async (signal) => {
      const path = `/v1/processes/${encodeURIComponent(uuid)}/tree`;
      const query = file.current === null ? "" : "?executable=false";
      const answer = await read<ProcessTree>(`${path}${query}`, { signal });
      file.current ??= { executable: answer.executable, time: Math.floor(Date.now() / 1000) };
      return answer;
    },
    // Nothing new comes of a process that has ended.
    (answer) => (answer.process["exit_time"] === null ? refreshMs : 0),
    [uuid],
  );
  const { answer } = polled;
  if (answer === null) {
    return (
      <section>
        <h1>Process</h1>
        <PolledNotice of={polled} />
      </section>
    );
  }
  const { process, ancestors, descendants, sockets, timeline } = answer;
  return (
    <section>
      <h1>
        {nameOf(process)} <small class="muted">pid {cellText(process["pid"] ?? null)}</small>
      </h1>
      <PolledNotice of={polled} />
      <pre class="code command">{cellText(process["cmdline"] ?? null)}</pre>
      <div class="columns">
        <FamilyCard process={process} ancestors={ancestors} descendants={descendants} />
        <div class="card">
          <h2>What ran</h2>
          <ProcessFacts process={process} />
        </div>
        <div class="card">
          <h2>
            The file now <small class="muted">read at {timeText(file.current?.time)}</small>
          </h2>
          <FileNow process={process} file={file.current?.executable[0] ?? null} />
        </div>
      </div>
      <Records title="Timeline" rows={timeline} empty="No stored events." />
      <Records title="Sockets" rows={sockets} empty="No stored socket calls." />
    </section>
  );
}

function FamilyCard(props: FamilyProps) {
  const box = useRef<HTMLDivElement>(null);
  useRovingFocus(box, "a.process");
  return (
    <div ref={box} class="card">
      <h2>Family</h2>
      <Family {...props} />
    </div>
  );
}

interface FamilyProps {
  readonly process: Fields;
  readonly ancestors: readonly Fields[];
  readonly descendants: readonly Fields[];
}

/** Ancestors from the oldest down, the process, and its descendants. */
function Family({ process, ancestors, descendants }: FamilyProps) {
  const [oldest, ...younger] = [...ancestors].reverse();
  if (oldest !== undefined) {
    return (
      <ul class="processes tree">
        <ProcessLine fields={oldest}>
          <Family process={process} ancestors={younger.reverse()} descendants={descendants} />
        </ProcessLine>
      </ul>
    );
  }
  return (
    <ul class="processes tree">
      <ProcessLine fields={process} isCurrent>
        <Children of={process["process_uuid"] ?? null} among={descendants} />
      </ProcessLine>
    </ul>
  );
}

function Children(props: { readonly of: Cell; readonly among: readonly Fields[] }) {
  const children = props.among.filter((each) => each["parent_uuid"] === props.of);
  if (children.length === 0) return null;
  return (
    <ul class="processes tree">
      {children.map((child) => (
        <ProcessLine key={rawText(child["process_uuid"])} fields={child}>
          <Children of={child["process_uuid"] ?? null} among={props.among} />
        </ProcessLine>
      ))}
    </ul>
  );
}

interface LineProps {
  readonly fields: Fields;
  readonly isCurrent?: boolean;
  /** How far to the right it begins, in a list that is not nested. */
  readonly depth?: number;
  readonly children?: ComponentChildren;
}

function ProcessLine({ fields, isCurrent = false, depth = 0, children }: LineProps) {
  const uuid = rawText(fields["process_uuid"]);
  return (
    <li>
      <a
        href={linkTo("process", uuid)}
        class="process"
        style={{ "--depth": depth }}
        {...(isCurrent ? { "aria-current": "true" as const } : {})}
      >
        <strong>{nameOf(fields)}</strong>{" "}
        <span class="muted figure">{cellText(fields["pid"] ?? null)}</span>{" "}
        <span class="muted figure">{startText(fields)}</span>{" "}
        <span class="code arguments">{cellText(fields["cmdline"] ?? null)}</span>
      </a>
      {children}
    </li>
  );
}

/** When a process started; of one that is known by its end alone, that end. */
function startText(fields: Fields): string {
  const { started, first_ntime } = fields;
  if (started === undefined) return timeText(fields["time"]);
  return started === null ? `known at ${timeText(first_ntime)}` : timeText(started);
}

function nameOf(fields: Fields): string {
  const path = cellText(fields["path"] ?? null);
  return (
    path.slice(path.lastIndexOf("/") + 1) ||
    cellText(fields["name"] ?? fields["comm"] ?? null) ||
    "(unknown)"
  );
}
