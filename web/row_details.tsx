import { useLayoutEffect, useRef } from "preact/hooks";
import { cellText, count, rawText, timeOfColumn } from "./format.ts";
import type { Row } from "./run_query.ts";
import { Value } from "./value.tsx";
import { useWindowEvent } from "./window_event.ts";

interface RowDetailsProps {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly row: Row;
  readonly onRow: (row: Row) => void;
  readonly onClose: () => void;
}

/** One row of a result with its values whole, which the grid cuts. Escape closes it. */
export function RowDetails({ columns, rows, row, onRow, onClose }: RowDetailsProps) {
  const box = useRef<HTMLElement>(null);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // It closes what is on top, and does not cancel the query behind it as well.
    event.stopPropagation();
    onClose();
  };
  // Of the window: a button that is disabled under the focus hears no keys.
  useWindowEvent("keydown", onKey, { capture: true });
  useLayoutEffect(() => {
    box.current?.querySelector<HTMLElement>("button:last-of-type")?.focus();
  }, []);
  const at = rows.indexOf(row);
  // Rows of a live result leave it in the end, and have no neighbours then.
  const neighbour = (by: 1 | -1) => (at < 0 ? undefined : rows[at + by]);
  const step = (name: string, to: Row | undefined) => (
    <button type="button" disabled={to === undefined} onClick={() => to && onRow(to)}>
      {name}
    </button>
  );
  return (
    <section ref={box} class="card details" aria-label="Row">
      <div class="bar">
        {step("Previous", neighbour(-1))}
        {step("Next", neighbour(1))}
        <button type="button" onClick={onClose}>
          Close
        </button>
        <span class="status">{at < 0 ? "" : `Row ${count(at + 1)} of ${count(rows.length)}`}</span>
      </div>
      <dl class="facts">
        {columns.map((name, n) =>
          row[n] === undefined ? null : (
            <div key={name}>
              <dt>{cellText(name)}</dt>
              <dd>
                <Value name={name} cell={row[n]} />
                {timeOfColumn(name, row[n]) !== null && (
                  <span class="muted"> ({rawText(row[n])})</span>
                )}
              </dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
