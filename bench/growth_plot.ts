import { type Place, svgCurve, svgDot, svgLine, svgText, writeDrawing } from "./svg.js";

/** What one query took at one size, in milliseconds. */
export interface GrowthPoint {
  readonly query: string;
  readonly rows: number;
  readonly ours: number;
  readonly sqlite: number;
}

const panelSize = { width: 300, height: 190, left: 52, top: 30, right: 12, bottom: 34 };
const panelsARow = 3;
const colours = { ours: "#0b6bcb", sqlite: "#b3541e" };

/** Draws a panel for each query, both scales logarithmic: a line for auditql, one for SQLite. */
export function writeGrowthPlot(path: string, points: readonly GrowthPoint[]): void {
  const queries = [...new Set(points.map(({ query }) => query))];
  const panels = queries.map((query, i) => {
    const x = (i % panelsARow) * panelSize.width;
    const y = Math.floor(i / panelsARow) * panelSize.height + 24;
    const own = points.filter((point) => point.query === query);
    return `<g transform="translate(${x},${y})">${panel(query, own)}</g>`;
  });
  writeDrawing(path, {
    width: panelSize.width * panelsARow,
    height: panelSize.height * Math.ceil(queries.length / panelsARow) + 28,
    parts: [...legend(), ...panels],
  });
}

function legend(): readonly string[] {
  const at = (x: number) => ({ x: panelSize.left + x, y: 17 });
  return [
    svgText(at(0), "● auditql", { colour: colours.ours }),
    svgText(at(80), "○ SQLite in memory, indexed", { colour: colours.sqlite }),
    svgText(at(280), "milliseconds by rows"),
  ];
}

/** Maps a range of decades to a range of coordinates. */
function logScale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { at, decades };
}

function panel(query: string, points: readonly GrowthPoint[]): string {
  const x = logScale(
    points.map(({ rows }) => rows),
    panelSize.left,
    panelSize.width - panelSize.right,
  );
  const y = logScale(
    points.flatMap(({ ours, sqlite }) => [ours, sqlite]),
    panelSize.height - panelSize.bottom,
    panelSize.top,
  );
  const bottom = panelSize.height - panelSize.bottom;
  const { left, top } = panelSize;
  const right = panelSize.width - panelSize.right;
  const grid = [
    ...x.decades.map((rows) => {
      const at = x.at(rows);
      const label = svgText({ x: at, y: bottom + 14 }, short(rows), { anchor: "middle" });
      return svgLine({ x: at, y: top }, { x: at, y: bottom }, "#eee") + label;
    }),
    ...y.decades.map((ms) => {
      const at = y.at(ms);
      const label = svgText({ x: left - 5, y: at + 4 }, short(ms), { anchor: "end" });
      return svgLine({ x: left, y: at }, { x: right, y: at }, "#eee") + label;
    }),
  ];
  const place = (rows: number, ms: number): Place => ({ x: x.at(rows), y: y.at(ms) });
  const series = [
    line(
      points.map(({ rows, sqlite }) => place(rows, sqlite)),
      { colour: colours.sqlite, fill: "#fff" },
    ),
    line(
      points.map(({ rows, ours }) => place(rows, ours)),
      { colour: colours.ours, fill: colours.ours },
    ),
  ];
  const title = svgText({ x: left, y: top - 8 }, query, { isBold: true });
  return [title, ...grid, ...series].join("");
}

function line(
  places: readonly Place[],
  style: { readonly colour: string; readonly fill: string },
): string {
  return svgCurve(places, style.colour) + places.map((each) => svgDot(each, style)).join("");
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1000 ? `${value / 1000} k` : `${Number(value.toPrecision(1))}`;
}
