import { read } from "../api.ts";
import { PolledNotice } from "../notice.tsx";
import { usePolled } from "../polled.ts";

type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value };

interface ConfigAnswer {
  readonly config: { readonly [name: string]: Value };
}

/** The active configuration, without its secrets. */
export function ConfigView() {
  const polled = usePolled((signal) => read<ConfigAnswer>("/v1/config", { signal }), 0);
  const { answer } = polled;
  const entries = Object.entries(answer?.config ?? {});
  return (
    <section>
      <h1>Configuration</h1>
      <PolledNotice of={polled} />
      <p class="lead">
        The active configuration: files, flags and defaults combined, without secrets. Send SIGHUP
        to reload the daemon's files.
      </p>
      {answer !== null && (
        <div class="card">
          <h2>general</h2>
          <Setting value={Object.fromEntries(entries.filter(([, value]) => isPlain(value)))} />
        </div>
      )}
      {entries
        .filter(([, value]) => !isPlain(value))
        .map(([name, value]) => (
          <div class="card" key={name}>
            <h2>{titleOf(name)}</h2>
            <Setting value={value} />
          </div>
        ))}
    </section>
  );
}

/** Characters of a list's element that stand for it while it is closed. */
const maxLabel = 80;

/** A value below its name: objects as lists of settings, what is long behind a summary. */
function Setting({ value }: { readonly value: Value }) {
  if (isEmpty(value)) return <span class="muted">{emptyText(value)}</span>;
  if (isList(value)) {
    if (value.every((each) => typeof each !== "object")) return <code>{value.join(", ")}</code>;
    return (
      <div class="rows">
        {value.map((each) => (
          <details key={JSON.stringify(each)}>
            <summary>{labelOf(each) ?? JSON.stringify(each).slice(0, maxLabel)}</summary>
            <Setting value={each} />
          </details>
        ))}
      </div>
    );
  }
  if (typeof value !== "object" || value === null) {
    return String(value).includes("\n") ? (
      <pre class="code command">{value}</pre>
    ) : (
      <code>{String(value)}</code>
    );
  }
  return (
    <dl class="facts settings">
      {Object.entries(value).map(([name, each]) => (
        <div key={name}>
          <dt>{titleOf(name)}</dt>
          <dd>
            <Setting value={each} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value takes no more than a line. */
function isPlain(value: Value): boolean {
  if (isList(value)) return value.every((each) => typeof each !== "object");
  return typeof value !== "object" || isEmpty(value);
}

function isEmpty(value: Value): boolean {
  if (value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function emptyText(value: Value): string {
  return value === null ? "not set" : "none";
}

function labelOf(value: Value): string | null {
  if (typeof value !== "object" || value === null || isList(value)) return null;
  const { name, path } = value as { readonly name?: Value; readonly path?: Value };
  const label = name ?? path;
  return typeof label === "string" ? label : null;
}

/** `eventsMax` as "events max". */
function titleOf(name: string): string {
  return name.replace(/_/g, " ").replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
}
