import { cellText, rawText, timeOfColumn } from "./format.ts";
import { linkTo } from "./route.ts";
import type { Cell } from "./run_query.ts";

interface ValueProps {
  /** Of its column: a uuid of a process is a link, a time is shown as one. */
  readonly name: string;
  readonly cell: Cell | undefined;
  /** Not a tab stop of its own: what is around it follows the link. */
  readonly isInGrid?: boolean;
}

/** A value of a result. What is shown in another way than it is keeps its text for copies. */
export function Value({ name, cell, isInGrid = false }: ValueProps) {
  if (cell === null) return <>NULL</>;
  const raw = rawText(cell);
  const time = timeOfColumn(name, cell);
  const text = time ?? cellText(cell);
  const shown = text === raw ? text : <span data-raw={raw}>{text}</span>;
  if (!isProcessUuid(name, cell)) return shown;
  return (
    <a href={linkTo("process", raw)} {...(isInGrid ? { tabIndex: -1 } : {})}>
      {shown}
    </a>
  );
}

/** Whether a value leads to the page of a process. */
export function isProcessUuid(name: string, cell: Cell | undefined): boolean {
  return /^(process|parent)_uuid$/.test(name) && rawText(cell) !== "";
}
