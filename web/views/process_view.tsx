import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { read } from "../api.ts";
import { cellText, clockTime } from "../format.ts";
import { Notice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { linkTo } from "../route.ts";
import { type Cell, queryRows } from "../run_query.ts";
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

function ProcessList() {
  const [text, setText] = useState("");
  const pattern = `%${text.replaceAll("'", "''")}%`;
  const { answer, error } = usePolled(
    (signal) =>
      queryRows(
        `select time, pid, path, cmdline, username, process_uuid from process_events
         where event_action in ('exec', 'existing_process') and (path like '${pattern}' or cmdline like '${pattern}')
         order by eid desc limit 200`,
        signal,
      ),
    refreshMs,
    [text],
  );
  return (
    <section>
      <h1>Processes</h1>
      <div class="bar">
        <label for="find">Path or arguments contain</label>
        <input
          id="find"
          class="wide"
          type="search"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <Notice error={error} />
      {answer?.length === 0 && <p class="empty">No stored event tells of such a process.</p>}
      <ul class="processes">
        {(answer ?? []).map((row) => (
          <ProcessLine key={`${row["process_uuid"]} ${row["path"]}`} fields={row} />
        ))}
      </ul>
    </section>
  );
}

function OneProcess({ uuid }: { readonly uuid: string }) {
  const { answer, error } = usePolled(
    (signal) => read<ProcessTree>(`/v1/processes/${encodeURIComponent(uuid)}/tree`, { signal }),
    refreshMs,
    [uuid],
  );
  if (answer === null) {
    return (
      <section>
        <h1>Process</h1>
        <Notice error={error} />
      </section>
    );
  }
  const { process, ancestors, descendants, sockets, timeline, executable } = answer;
  return (
    <section>
      <h1>
        {nameOf(process)} <small class="muted">pid {cellText(process["pid"] ?? null)}</small>
      </h1>
      <Notice error={error} />
      <pre class="code command">{cellText(process["cmdline"] ?? null)}</pre>
      <div class="columns">
        <div class="card">
          <h2>Family</h2>
          <Family process={process} ancestors={ancestors} descendants={descendants} />
        </div>
        <div class="card">
          <h2>About it</h2>
          <Facts fields={{ ...process, ...executable[0] }} />
        </div>
      </div>
      <Records title="Timeline" rows={timeline} empty="Nothing is stored." />
      <Records title="Sockets" rows={sockets} empty="It made no socket calls that are stored." />
    </section>
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
        <ProcessLine key={cellText(child["process_uuid"] ?? null)} fields={child}>
          <Children of={child["process_uuid"] ?? null} among={props.among} />
        </ProcessLine>
      ))}
    </ul>
  );
}

interface LineProps {
  readonly fields: Fields;
  readonly isCurrent?: boolean;
  readonly children?: ComponentChildren;
}

function ProcessLine({ fields, isCurrent = false, children }: LineProps) {
  const uuid = cellText(fields["process_uuid"] ?? null);
  return (
    <li>
      <a
        href={linkTo("process", uuid)}
        class="process"
        {...(isCurrent ? { "aria-current": "true" as const } : {})}
      >
        <span class="muted">{clockTime(fields["time"] ?? null)}</span>{" "}
        <strong>{nameOf(fields)}</strong>{" "}
        <span class="muted">{cellText(fields["pid"] ?? null)}</span>{" "}
        <span class="code arguments">{cellText(fields["cmdline"] ?? null)}</span>
      </a>
      {children}
    </li>
  );
}

function Facts({ fields }: { readonly fields: Fields }) {
  const shown = Object.entries(fields).filter(
    ([name, value]) => value !== null && value !== "" && name !== "cmdline",
  );
  return (
    <dl class="facts">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {name === "parent_uuid" ? (
              <a href={linkTo("process", cellText(value))}>{value}</a>
            ) : (
              cellText(value)
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function nameOf(fields: Fields): string {
  const path = cellText(fields["path"] ?? null);
  return path.slice(path.lastIndexOf("/") + 1) || cellText(fields["comm"] ?? null) || "(unknown)";
}
