import { useMemo, useRef } from "preact/hooks";
import { read } from "../api.ts";
import { unseenText } from "../capture.tsx";
import { cellText, count, duration } from "../format.ts";
import { PolledNotice } from "../notice.tsx";
import { Plot, type Series } from "../plot.tsx";
import { type Polled, usePolled } from "../polled.ts";
import { linkTo } from "../route.ts";
import { useRovingFocus } from "../roving_focus.ts";
import { queryRows } from "../run_query.ts";
import type { HealthAnswer } from "./health_view.tsx";
import type { ScheduleAnswer } from "./schedule_view.tsx";

const refreshMs = 5000;
const windowSeconds = 600;
const stepSeconds = 10;

const eventsByKind = `
  select time / ${stepSeconds} * ${stepSeconds} as at, event_action as kind, count(*) as events
  from process_events where time > unixepoch() - ${windowSeconds} and event_action in ('fork', 'exec', 'exit') group by 1, 2
  union all
  select time / ${stepSeconds} * ${stepSeconds}, action, count(*)
  from socket_events where time > unixepoch() - ${windowSeconds} and action in ('connect', 'accept') group by 1, 2`;

const kinds = [
  { label: "fork", colour: "--plot-1" },
  { label: "exec", colour: "--plot-2" },
  { label: "exit", colour: "--plot-3" },
  { label: "connect", colour: "--plot-4" },
  { label: "accept", colour: "--plot-5" },
];

interface TopAnswer {
  readonly top: readonly { readonly value: string | null; readonly events: number }[];
}

/** What the host does, and how auditql fares. */
export function OverviewView() {
  const polled = usePolled((signal) => read<HealthAnswer>("/v1/health", { signal }), refreshMs);
  const { answer: health } = polled;
  return (
    <section>
      <h1>Overview</h1>
      <PolledNotice of={polled} />
      {health !== null && <Figures health={health} />}
      <EventRates />
      {health !== null && <Losses health={health} />}
      <div class="columns">
        <Top title="Executables" by="path" />
        <Top title="Addresses" by="remote_address" />
        <RunTimes />
      </div>
    </section>
  );
}

function Figures({ health }: { readonly health: HealthAnswer }) {
  const sum = (stage: string, metric: string) => sumOf(health, stage, metric);
  const lost = lostOnTheWay(health);
  const figures = [
    { name: "rows stored", value: count(sum("store", "stored")) },
    { name: "rows kept", value: count(sum("store", "rows")) },
    // Of what nobody looked at, none is not an answer.
    {
      name: "lost before storage",
      value: health.capture.backend === null && lost === 0 ? "–" : count(lost),
      isBad: lost > 0,
    },
    { name: "dropped unread", value: count(sum("store", "dropped_unread")) },
    { name: "queries", value: count(sum("sql", "queries")) },
    {
      name: health.problems.length === 1 ? "problem" : "problems",
      value: count(health.problems.length),
      isBad: health.problems.length > 0,
      href: linkTo("health"),
    },
  ];
  return (
    <ul class="figures">
      {figures.map(({ name, value, isBad = false, href }) => (
        <li key={name} class={isBad ? "bad" : ""}>
          <strong>{value}</strong> {href === undefined ? name : <a href={href}>{name}</a>}
        </li>
      ))}
    </ul>
  );
}

/** Losses at the last answers, since the page was opened. */
const lossHistory: { time: number; taken: HealthAnswer; lost: number; unread: number }[] = [];
const maxHistory = 720;

/** Counters only ever rise; what they rose by between two answers is what was lost then. */
function Losses({ health }: { readonly health: HealthAnswer }) {
  const lost = lostOnTheWay(health);
  if (lossHistory.at(-1)?.taken !== health) {
    const unread = sumOf(health, "store", "dropped_unread");
    lossHistory.push({ time: Date.now() / 1000, taken: health, lost, unread });
    lossHistory.splice(0, lossHistory.length - maxHistory);
  }
  const rises = (metric: "lost" | "unread") =>
    lossHistory.slice(1).map((entry, at) => entry[metric] - (lossHistory[at]?.[metric] ?? 0));
  const series = [
    { label: "lost before storage", colour: "--bad", values: rises("lost") },
    { label: "dropped unread", colour: "--plot-5", values: rises("unread") },
  ];
  const hasLost = series.some(({ values }) => values.some((value) => value > 0));
  return (
    <div class="card">
      <h2>Losses since this page was opened</h2>
      {hasLost ? (
        <Plot
          label="Records lost before storage, and events dropped unread"
          times={lossHistory.slice(1).map(({ time }) => time)}
          series={series}
        />
      ) : (
        <p class="empty">{noLossText(health)}</p>
      )}
    </div>
  );
}

/** No loss is a statement about what was looked at. */
function noLossText({ capture }: HealthAnswer): string {
  if (capture.backend === null) return "No events are captured, so losses cannot be counted.";
  const unseen = unseenText(capture);
  const kept = "and no event was dropped before the schedule had read it";
  return `No record captured by ${capture.backend} was lost before storage, ${kept}.${unseen === "" ? "" : ` On this host, ${unseen}.`}`;
}

/** Everything that is lost but what left a table unread, which is told apart. */
function lostOnTheWay({ losses }: HealthAnswer): number {
  return losses
    .filter(({ metric }) => metric !== "dropped_unread")
    .reduce((total, { value }) => total + value, 0);
}

function sumOf(health: HealthAnswer, stage: string, metric: string): number {
  return health.counters
    .filter((row) => row.stage === stage && row.metric === metric)
    .reduce((total, row) => total + row.value, 0);
}

function EventRates() {
  const polled = usePolled((signal) => queryRows(eventsByKind, signal), refreshMs);
  const { answer } = polled;
  const { times, series } = useMemo(() => {
    const end = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
    // The newest step is not over yet, and would look like a fall.
    const steps = windowSeconds / stepSeconds - 1;
    const axis = Array.from({ length: steps }, (_, n) => end - (steps - n) * stepSeconds);
    const at = new Map(
      (answer ?? []).map((row) => [`${row["kind"]} ${row["at"]}`, Number(row["events"])]),
    );
    const lines = kinds.map(
      (kind): Series => ({
        ...kind,
        values: axis.map((time) => (at.get(`${kind.label} ${time}`) ?? 0) / stepSeconds),
      }),
    );
    return { times: axis, series: lines };
  }, [answer]);
  return (
    <div class="card">
      <h2>Events per second, last {windowSeconds / 60} minutes</h2>
      <PolledNotice of={polled} isPart />
      <Plot label="Events per second by kind" times={times} series={series} />
    </div>
  );
}

function Top({ title, by }: { readonly title: string; readonly by: string }) {
  const polled = usePolled(
    (signal) => read<TopAnswer>(`/v1/top?by=${by}&seconds=${windowSeconds}&limit=8`, { signal }),
    refreshMs,
  );
  const bars = (polled.answer?.top ?? []).map(({ value, events }) => ({
    name: value || "(none)",
    amount: events,
    text: count(events),
    ...(value ? { href: linkTo("query", eventsOf(by, value)) } : {}),
  }));
  return <Bars title={`${title}, last ${windowSeconds / 60} minutes`} bars={bars} of={polled} />;
}

/** The events behind a bar, as a statement for the editor. */
function eventsOf(by: string, value: string): string {
  const table = by === "path" ? "process_events" : "socket_events";
  return `select * from ${table}\nwhere ${by} = '${value.replaceAll("'", "''")}'\norder by eid desc limit 100`;
}

function RunTimes() {
  const polled = usePolled((signal) => read<ScheduleAnswer>("/v1/schedule", { signal }), refreshMs);
  const bars = (polled.answer?.schedule ?? [])
    .flatMap(({ name, lastRun }) => (lastRun === null ? [] : [{ name, amount: lastRun.elapsedMs }]))
    .sort((a, b) => b.amount - a.amount)
    .slice(0, 8)
    .map((bar) => ({ ...bar, text: duration(bar.amount) }));
  return <Bars title="Slowest scheduled queries, last run" bars={bars} of={polled} />;
}

interface Bar {
  readonly name: string;
  readonly amount: number;
  readonly text: string;
  readonly href?: string;
}

interface BarsProps {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** What they were made of. */
  readonly of: Polled<unknown>;
}

function Bars({ title, bars, of }: BarsProps) {
  const most = Math.max(1, ...bars.map(({ amount }) => amount));
  const list = useRef<HTMLUListElement>(null);
  useRovingFocus(list, "a");
  return (
    <div class="card">
      <h2>{title}</h2>
      <PolledNotice of={of} isPart />
      {of.answer !== null && bars.length === 0 && <p class="empty">No data yet.</p>}
      <ul ref={list} class="bars">
        {bars.map(({ name, amount, text, href }) => (
          <li key={name}>
            <span class="bar-name" title={cellText(name)}>
              {href === undefined ? cellText(name) : <a href={href}>{cellText(name)}</a>}
            </span>
            <span class="bar-text">{text}</span>
            <span class="bar-line" style={{ width: `${(amount / most) * 100}%` }} />
          </li>
        ))}
      </ul>
    </div>
  );
}
