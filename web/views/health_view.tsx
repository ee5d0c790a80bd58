import { useState } from "preact/hooks";
import { displayText } from "../../src/client/display_text.ts";
import { read } from "../api.ts";
import type { CaptureAnswer } from "../capture.tsx";
import { dateTime } from "../format.ts";
import { PolledNotice } from "../notice.tsx";
import { usePolled } from "../polled.ts";
import { Records } from "./records.tsx";

export interface HealthAnswer {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly problems: readonly {
    readonly severity: "error" | "warning";
    readonly title: string;
    readonly explanation: string;
    readonly remedy: string;
  }[];
  readonly capture: CaptureAnswer;
  /** Of the counters, those above zero that mean a loss. */
  readonly losses: readonly CounterRow[];
  readonly counters: readonly CounterRow[];
}

type CounterRow = {
  readonly stage: string;
  readonly name: string;
  readonly metric: string;
  readonly reason: string;
  readonly value: number;
};

const refreshMs = 2000;

/** Problems with their remedies, then every counter. */
export function HealthView() {
  const [text, setText] = useState("");
  const [isZeroShown, setZeroShown] = useState(false);
  const polled = usePolled((signal) => read<HealthAnswer>("/v1/health", { signal }), refreshMs);
  const { answer } = polled;
  const counters = (answer?.counters ?? [])
    .filter(({ value }) => isZeroShown || value !== 0)
    .filter((row) => Object.values(row).join(" ").includes(text));
  return (
    <section>
      <h1>Health</h1>
      <PolledNotice of={polled} />
      {answer !== null && answer.problems.length === 0 && (
        <p class="good">
          No problems: {answer.capture.backend ?? "nothing"} captures since{" "}
          {dateTime(answer.capture.since)}, no counter reports a loss, and no scheduled query
          failed.
        </p>
      )}
      {(answer?.problems ?? []).map(({ severity, title, explanation, remedy }) => (
        <article class={`card problem ${severity}`} key={title + explanation}>
          <h2>
            <span class="tag">{severity}</span> {title}
          </h2>
          <p>{displayText(explanation)}</p>
          <p>
            <strong>What to do:</strong> {remedy}
          </p>
        </article>
      ))}
      <div class="bar">
        <label for="find-counter">Counters that contain</label>
        <input
          id="find-counter"
          type="search"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <label>
          <input
            type="checkbox"
            checked={isZeroShown}
            onChange={(event) => setZeroShown(event.currentTarget.checked)}
          />{" "}
          with those that are zero
        </label>
      </div>
      {answer !== null && (
        <Records title="Counters" rows={counters} empty="No matching counters." />
      )}
    </section>
  );
}
