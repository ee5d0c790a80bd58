// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot leave out the rows out of sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the table scrolls and has the focus, not its rows
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
import { useEffect, useRef, useState } from "preact/hooks";
import { cellText } from "./format.ts";
import { linkTo } from "./route.ts";
import { RowDetails } from "./row_details.tsx";
import type { Cell, Row } from "./run_query.ts";

const rowPx = 27;
/** Rows above and below what is in sight, so that scrolling shows no gaps. */
const spareRows = 12;
const widthSampleRows = 200;
const maxColumnChars = 60;

interface GridProps {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Changes when rows were added to the same array. */
  readonly length: number;
}

/** A table of any length: only the rows in sight are in the document. A click on a row, or Enter for
 * the topmost in sight, shows its values whole. */
export function ResultGrid({ columns, rows, length }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [opened, setOpened] = useState<Row | null>(null);
  const close = () => {
    setOpened(null);
    box.current?.focus();
  };
  const onClick = ({ target }: Event) => {
    // Who follows a link, or selects text to copy it, wants no details.
    if (!(target instanceof Element) || target.closest("a") || getSelection()?.toString()) return;
    const index = target.closest("[aria-rowindex]")?.getAttribute("aria-rowindex");
    setOpened(rows[Number(index) - 2] ?? null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== box.current) return;
    // The details take the focus, and the same key would press their button.
    event.preventDefault();
    setOpened(rows[Math.ceil(view.top / rowPx)] ?? null);
  };
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  const first = Math.max(0, Math.floor(view.top / rowPx) - spareRows);
  const last = Math.min(length, Math.ceil((view.top + view.height) / rowPx) + spareRows);
  const template = columns.map((_, at) => `${widthOf(columns, rows, at)}ch`).join(" ");
  return (
    <>
      <div
        ref={box}
        class="grid"
        onClick={onClick}
        onKeyDown={onKeyDown}
        role="table"
        aria-label="Result"
        aria-rowcount={length + 1}
        aria-colcount={columns.length}
        tabIndex={0}
      >
        {columns.length > 0 && (
          <div
            class="grid-row grid-head"
            role="row"
            aria-rowindex={1}
            style={{ gridTemplateColumns: template }}
          >
            {columns.map((name, at) => (
              <div
                key={name}
                role="columnheader"
                class={typeof rows[0]?.[at] === "number" ? "number" : ""}
              >
                {name}
              </div>
            ))}
          </div>
        )}
        <div class="grid-body" role="rowgroup" style={{ height: `${length * rowPx}px` }}>
          {rows.slice(first, last).map((row, at) => (
            <GridRow
              key={first + at}
              index={first + at}
              row={row}
              columns={columns}
              template={template}
            />
          ))}
        </div>
      </div>
      {opened !== null && (
        <RowDetails columns={columns} rows={rows} row={opened} onRow={setOpened} onClose={close} />
      )}
    </>
  );
}

interface RowProps {
  readonly index: number;
  readonly row: Row;
  readonly columns: readonly string[];
  readonly template: string;
}

function GridRow({ index, row, columns, template }: RowProps) {
  const style = { gridTemplateColumns: template, top: `${index * rowPx}px` };
  return (
    <div class="grid-row grid-line" role="row" aria-rowindex={index + 2} style={style}>
      {row.map((cell, at) => (
        <GridCell key={columns[at]} name={columns[at] ?? ""} cell={cell} />
      ))}
    </div>
  );
}

function GridCell({ name, cell }: { readonly name: string; readonly cell: Cell }) {
  const text = cellText(cell);
  const kind = typeof cell === "number" ? "number" : cell === null ? "null" : "";
  const isProcess = /^(process|parent)_uuid$/.test(name) && text !== "";
  return (
    <div role="cell" class={kind} title={text.length > 20 ? text : undefined}>
      {isProcess ? <a href={linkTo("process", text)}>{text}</a> : cell === null ? "NULL" : text}
    </div>
  );
}

function widthOf(columns: readonly string[], rows: readonly Row[], at: number): number {
  let chars = (columns[at] ?? "").length;
  for (const row of rows.slice(0, widthSampleRows)) {
    const cell = row[at] ?? null;
    chars = Math.max(chars, cell === null ? "NULL".length : cellText(cell).length);
  }
  return Math.min(chars, maxColumnChars) + 3;
}
