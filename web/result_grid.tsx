// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot leave out the rows out of sight
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names the active cell
import type { RefObject } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { cellText, rawText, timeOfColumn } from "./format.ts";
import { ExactNumber } from "./lines.ts";
import { linkTo } from "./route.ts";
import { RowDetails } from "./row_details.tsx";
import type { Cell, Row } from "./run_query.ts";
import { isProcessUuid, Value } from "./value.tsx";

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

/** The cell that keys act on. */
interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * A table of any length: only the rows in sight are in the document. It is one tab stop; arrows move
 * in it, and Enter follows a link or shows the values of the row whole, as a click does (ARIA
 * Authoring Practices, grid pattern).
 */
export function ResultGrid({ columns, rows, length }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const view = useScrolledView(box);
  const [opened, setOpened] = useState<Row | null>(null);
  const [active, setActive] = useState<Place | null>(null);
  const topmost: Place = { row: Math.min(Math.ceil(view.top / rowPx), length - 1), column: 0 };
  const close = () => {
    setOpened(null);
    box.current?.focus();
  };
  const onClick = (event: Event) => {
    const index = clickedRow(event);
    if (index !== null) setOpened(rows[index] ?? null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || length === 0) return;
    const at = active ?? topmost;
    if (event.key === "Enter" || event.key === " ") {
      // The details take the focus, and the same key would press their button.
      event.preventDefault();
      const isFollowed = event.key === "Enter" && followLink(columns, rows, at);
      if (!isFollowed) setOpened(rows[at.row] ?? null);
      return;
    }
    const next = moved(event, at, { rows: length, columns: columns.length, shownPx: view.height });
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    showRow(box.current, next.row);
  };
  const first = Math.max(0, Math.floor(view.top / rowPx) - spareRows);
  const last = Math.min(length, Math.ceil((view.top + view.height) / rowPx) + spareRows);
  const template = columns.map((_, at) => `${widthOf(columns, rows, at)}ch`).join(" ");
  const isShown = active !== null && active.row >= first && active.row < last;
  // At once: after the next paint a further key may have moved on, and this would scroll back.
  useLayoutEffect(() => {
    if (isShown) document.getElementById(cellId(id, active))?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <div
        ref={box}
        class="grid"
        onClick={onClick}
        onKeyDown={onKeyDown}
        onFocus={() => setActive((before) => before ?? (length > 0 ? topmost : null))}
        role="grid"
        aria-label="Result"
        aria-rowcount={length + 1}
        aria-colcount={columns.length}
        tabIndex={0}
        {...(isShown ? { "aria-activedescendant": cellId(id, active) } : {})}
      >
        {columns.length > 0 && <GridHead columns={columns} row={rows[0]} template={template} />}
        <GridBody
          id={id}
          columns={columns}
          rows={rows.slice(first, last)}
          first={first}
          length={length}
          template={template}
          active={active}
        />
      </div>
      {opened !== null && (
        <RowDetails columns={columns} rows={rows} row={opened} onRow={setOpened} onClose={close} />
      )}
    </>
  );
}

/** Index of the row that a click shows whole, NaN for the head; null for a click that follows a link
 * or selects text to copy it. */
function clickedRow({ target }: Event): number | null {
  if (!(target instanceof Element) || target.closest("a") || getSelection()?.toString())
    return null;
  return Number(target.closest("[aria-rowindex]")?.getAttribute("aria-rowindex")) - 2;
}

/** Follows the link of a cell; false when it has none. */
function followLink(columns: readonly string[], rows: readonly Row[], at: Place): boolean {
  const cell = rows[at.row]?.[at.column];
  if (!isProcessUuid(columns[at.column] ?? "", cell)) return false;
  location.hash = linkTo("process", rawText(cell));
  return true;
}

/** What a scrolled element shows of its content, in pixels. */
function useScrolledView(box: RefObject<HTMLDivElement | null>) {
  const [view, setView] = useState({ top: 0, height: 600 });
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
  return view;
}

interface HeadProps {
  readonly columns: readonly string[];
  /** The first row, whose cells tell which columns are of numbers. */
  readonly row: Row | undefined;
  readonly template: string;
}

function GridHead({ columns, row, template }: HeadProps) {
  return (
    <div
      class="grid-row grid-head"
      role="row"
      aria-rowindex={1}
      style={{ gridTemplateColumns: template }}
    >
      {columns.map((name, at) => (
        <div key={name} role="columnheader" class={isNumber(name, row?.[at]) ? "number" : ""}>
          {cellText(name)}
        </div>
      ))}
    </div>
  );
}

interface BodyProps {
  readonly id: string;
  readonly columns: readonly string[];
  /** Those in sight, of which `first` is the number of the first. */
  readonly rows: readonly Row[];
  readonly first: number;
  /** Number of all rows. */
  readonly length: number;
  readonly template: string;
  readonly active: Place | null;
}

function GridBody({ id, columns, rows, first, length, template, active }: BodyProps) {
  return (
    <div class="grid-body" role="rowgroup" style={{ height: `${length * rowPx}px` }}>
      {rows.map((row, at) => (
        <GridRow
          key={first + at}
          id={id}
          index={first + at}
          row={row}
          columns={columns}
          template={template}
          activeColumn={active?.row === first + at ? active.column : null}
        />
      ))}
    </div>
  );
}

interface Extent {
  readonly rows: number;
  readonly columns: number;
  readonly shownPx: number;
}

/** Where a key leads from a cell; null for keys that do not move. */
function moved(event: KeyboardEvent, from: Place, extent: Extent): Place | null {
  const { rows, columns, shownPx } = extent;
  const pageRows = Math.max(1, Math.floor(shownPx / rowPx) - 2);
  if (event.altKey || event.metaKey) return null;
  const to = (row: number, column: number): Place => ({
    row: Math.max(0, Math.min(row, rows - 1)),
    column: Math.max(0, Math.min(column, columns - 1)),
  });
  const { row, column } = from;
  if (event.ctrlKey) {
    if (event.key === "Home") return to(0, 0);
    return event.key === "End" ? to(rows - 1, columns - 1) : null;
  }
  switch (event.key) {
    case "ArrowDown":
      return to(row + 1, column);
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowRight":
      return to(row, column + 1);
    case "ArrowLeft":
      return to(row, column - 1);
    case "PageDown":
      return to(row + pageRows, column);
    case "PageUp":
      return to(row - pageRows, column);
    case "Home":
      return to(row, 0);
    case "End":
      return to(row, columns - 1);
    default:
      return null;
  }
}

/** Scrolls so that a row is in sight, below the head. */
function showRow(box: HTMLDivElement | null, row: number): void {
  if (box === null) return;
  const top = row * rowPx;
  const visible = box.clientHeight - 2 * rowPx;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top > box.scrollTop + visible) box.scrollTop = top - visible;
}

function cellId(id: string, { row, column }: Place): string {
  return `${id}-${row}-${column}`;
}

interface RowProps {
  readonly id: string;
  readonly index: number;
  readonly row: Row;
  readonly columns: readonly string[];
  readonly template: string;
  readonly activeColumn: number | null;
}

function GridRow({ id, index, row, columns, template, activeColumn }: RowProps) {
  const style = { gridTemplateColumns: template, top: `${index * rowPx}px` };
  return (
    <div class="grid-row grid-line" role="row" aria-rowindex={index + 2} style={style}>
      {columns.map((name, at) => (
        <GridCell
          key={name}
          id={cellId(id, { row: index, column: at })}
          name={name}
          cell={row[at]}
          isActive={at === activeColumn}
        />
      ))}
    </div>
  );
}

interface CellProps {
  readonly id: string;
  readonly name: string;
  readonly cell: Cell | undefined;
  readonly isActive: boolean;
}

function GridCell({ id, name, cell, isActive }: CellProps) {
  const text = timeOfColumn(name, cell) === null ? cellText(cell) : rawText(cell);
  const kind = isNumber(name, cell) ? "number" : cell === null ? "null" : "";
  const isLong = text.length > 20 || timeOfColumn(name, cell) !== null;
  return (
    <div
      id={id}
      role="gridcell"
      class={isActive ? `${kind} active` : kind}
      title={isLong ? text : undefined}
    >
      <Value name={name} cell={cell} isInGrid />
    </div>
  );
}

/** Whether a value is compared by its digits, and so aligned to the right; a time is not. */
function isNumber(name: string, cell: Cell | undefined): boolean {
  const isNumeric = typeof cell === "number" || cell instanceof ExactNumber;
  return isNumeric && timeOfColumn(name, cell) === null;
}

function widthOf(columns: readonly string[], rows: readonly Row[], at: number): number {
  const name = columns[at] ?? "";
  let chars = cellText(name).length;
  for (const row of rows.slice(0, widthSampleRows)) {
    const cell = row[at];
    const text = cell === null ? "NULL" : (timeOfColumn(name, cell) ?? cellText(cell));
    chars = Math.max(chars, text.length);
  }
  return Math.min(chars, maxColumnChars) + 3;
}
