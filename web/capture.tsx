import { displayText } from "../src/client/display_text.ts";
import { read } from "./api.ts";
import { dateTime } from "./format.ts";
import { type Polled, usePolled } from "./polled.ts";
import { linkTo } from "./route.ts";

/** The answer of /v1/capture. */
export interface CaptureAnswer {
  readonly host: string;
  readonly backend: string | null;
  readonly since: string;
  readonly sources: readonly {
    readonly name: string;
    readonly state: "on" | "limited" | "off";
    readonly reason: string | null;
  }[];
  readonly tables: readonly {
    readonly name: string;
    readonly state: "on" | "limited" | "off";
    readonly reason: string | null;
  }[];
  readonly problems: readonly { readonly name: string; readonly severity: "error" | "warning" }[];
}

const refreshMs = 5000;

/** The state of capture, polled. */
export function useCapture(): Polled<CaptureAnswer> {
  return usePolled((signal) => read<CaptureAnswer>("/v1/capture", { signal }), refreshMs);
}

const sourceTexts: Readonly<Record<string, string>> = {
  processes: "processes",
  sockets: "sockets",
  files: "processes that changed files",
  records: "user records",
};

/** A short text on events that are not captured; empty when all configured events are. */
export function unseenText({ sources }: CaptureAnswer): string {
  const named = (state: string) =>
    sources
      .filter((source) => source.state === state && source.name !== "files")
      .map(({ name }) => sourceTexts[name] ?? name)
      .join(", ");
  const off = named("off");
  const limited = named("limited");
  return [
    off === "" ? "" : `not captured: ${off}`,
    limited === "" ? "" : `partly captured: ${limited}`,
  ]
    .filter((text) => text !== "")
    .join("; ");
}

/** In the header of every view: the host, what captures it, since when, and what is not seen. */
export function CaptureStatus({ of }: { readonly of: Polled<CaptureAnswer> }) {
  const { answer, error } = of;
  if (answer === null)
    return <span class="capture muted">{error === null ? "" : "capture unknown"}</span>;
  const { host, backend, since, problems } = answer;
  const isBad = backend === null || problems.some(({ severity }) => severity === "error");
  const state = error !== null || problems.length > 0 ? "warn" : "good";
  return (
    <span class={`capture ${isBad ? "bad" : state}`} role="status">
      <strong>{displayText(host)}</strong>
      <a href={linkTo("health")}>
        {backend === null ? "not capturing" : `capturing by ${backend}`} since {dateTime(since)}
      </a>
      {error !== null && <span>no response from the daemon</span>}
      <span class="unseen">{unseenText(answer)}</span>
    </span>
  );
}

/** Why rows of an event table do not come, or not all; nothing while they do. */
export function SourceNotice({
  capture,
  table,
}: {
  readonly capture: CaptureAnswer | null;
  readonly table: string;
}) {
  const found = capture?.tables.find(({ name }) => name === table);
  if (found === undefined || found.state === "on") return null;
  const what = found.state === "off" ? "receives no rows" : "does not receive all rows";
  return (
    <p class="notice source" role="status">
      {table} {what}: {displayText(found.reason ?? "")}.
    </p>
  );
}
