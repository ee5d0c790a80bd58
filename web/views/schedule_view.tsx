import { read } from "../api.ts";
import { cellText, count, dateTime, duration, plural } from "../format.ts";
import { PolledNotice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { linkTo } from "../route.ts";

export interface ScheduleAnswer {
  readonly schedule: readonly ScheduledQuery[];
}

interface ScheduledQuery {
  readonly name: string;
  readonly pack: string | null;
  readonly sql: string;
  readonly description: string;
  readonly intervalSeconds: number | null;
  readonly cron: string | null;
  readonly nextRunAt: string;
  readonly executions: number;
  readonly wallMs: number;
  readonly denylisted: boolean;
  readonly lastRun: {
    readonly startedAt: string;
    readonly rows: number;
    readonly elapsedMs: number;
    readonly error: string | null;
  } | null;
}

interface PacksAnswer {
  readonly packs: readonly {
    readonly name: string;
    readonly platform: string | null;
    readonly shard: number;
    readonly discovery: readonly string[];
    readonly queries: readonly unknown[];
  }[];
}

const refreshMs = 3000;

/** Scheduled queries by pack, with what became of their newest run. */
export function ScheduleView() {
  const polled = usePolled((signal) => read<ScheduleAnswer>("/v1/schedule", { signal }), refreshMs);
  const { answer } = polled;
  const { answer: packs } = usePolled((signal) => read<PacksAnswer>("/v1/packs", { signal }), 0);
  const groups = byPack(answer?.schedule ?? []);
  return (
    <section>
      <h1>Schedule</h1>
      <PolledNotice of={polled} />
      {answer?.schedule.length === 0 && (
        <p class="empty">No scheduled queries. Add queries or packs to the configuration.</p>
      )}
      {[...groups].map(([name, queries]) => (
        <div class="card rows" key={name}>
          <h2>
            {name === "main" ? "Schedule of the configuration" : `Pack ${name}`}{" "}
            <small class="muted">{packNote(packs, name)}</small>
          </h2>
          {queries.map((query) => (
            <OneQuery key={query.name} query={query} />
          ))}
        </div>
      ))}
    </section>
  );
}

function byPack(schedule: readonly ScheduledQuery[]): ReadonlyMap<string, ScheduledQuery[]> {
  const groups = new Map<string, ScheduledQuery[]>();
  for (const query of schedule) {
    const name = query.pack ?? "main";
    groups.set(name, [...(groups.get(name) ?? []), query]);
  }
  return groups;
}

function packNote(packs: PacksAnswer | null, name: string): string {
  const pack = packs?.packs.find((each) => each.name === name);
  if (pack === undefined) return "";
  const notes = [
    pack.platform === null ? "" : `platform ${pack.platform}`,
    pack.shard === 0 ? "" : `${pack.shard} % of hosts`,
    pack.discovery.length === 0 ? "" : `only where: ${pack.discovery.join("; ")}`,
  ];
  return notes.filter((note) => note !== "").join(", ");
}

function OneQuery({ query }: { readonly query: ScheduledQuery }) {
  const { name, sql, description, lastRun, denylisted, executions, wallMs } = query;
  const error = denylisted
    ? "Disabled for 24 hours: killed for exceeding its limits. Narrow the statement, or raise auditql.limits.scheduled."
    : (lastRun?.error ?? null);
  return (
    <details class={error === null ? "" : "bad"}>
      <summary>
        <span class="row-head">
          <strong>{cellText(name)}</strong>
        </span>
        <span class="muted row-note">{triggerOf(query)}</span>
        {error !== null && <span class="bad-text">{cellText(error)}</span>}
        <span class="row-end muted figure">
          {lastRun === null
            ? "not run yet"
            : `${plural(lastRun.rows, "row")} in ${duration(lastRun.elapsedMs)}`}
        </span>
      </summary>
      {description !== "" && <p>{cellText(description)}</p>}
      <dl class="facts">
        <div>
          <dt>next run</dt>
          <dd>{dateTime(query.nextRunAt)}</dd>
        </div>
        <div>
          <dt>last run</dt>
          <dd>{dateTime(lastRun?.startedAt ?? null) || "never"}</dd>
        </div>
        <div>
          <dt>runs</dt>
          <dd>
            {count(executions)}, {duration(wallMs)} in all
          </dd>
        </div>
      </dl>
      <pre class="code command">{sql}</pre>
      <a href={linkTo("query", sql)}>Open in the editor</a>
    </details>
  );
}

function triggerOf({ intervalSeconds, cron }: ScheduledQuery): string {
  if (cron !== null) return `cron ${cron}`;
  return intervalSeconds === null ? "as events arrive" : `every ${count(intervalSeconds)} s`;
}
