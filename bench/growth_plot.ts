import { writeFileSync } from "node:fs";

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
  const width = panelSize.width * panelsARow;
  const height = panelSize.height * Math.ceil(queries.length / panelsARow) + 28;
  writeFileSync(
    path,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="#333">\n` +
      `<rect width="${width}" height="${height}" fill="#fff"/>\n${legend()}\n${panels.join("\n")}\n</svg>\n`,
  );
}

function legend(): string {
  return (
    `<text x="${panelSize.left}" y="17" fill="${colours.ours}">● auditql</text>` +
    `<text x="${panelSize.left + 80}" y="17" fill="${colours.sqlite}">○ SQLite in memory, indexed</text>` +
    `<text x="${panelSize.left + 280}" y="17">milliseconds by rows</text>`
  );
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
  const grid = [
    ...x.decades.map(
      (rows) =>
        `<path d="M${round(x.at(rows))} ${panelSize.top}V${bottom}" stroke="#eee"/>` +
        `<text x="${round(x.at(rows))}" y="${bottom + 14}" text-anchor="middle">${short(rows)}</text>`,
    ),
    ...y.decades.map(
      (ms) =>
        `<path d="M${panelSize.left} ${round(y.at(ms))}H${panelSize.width - panelSize.right}" stroke="#eee"/>` +
        `<text x="${panelSize.left - 5}" y="${round(y.at(ms) + 4)}" text-anchor="end">${short(ms)}</text>`,
    ),
  ];
  const place = (rows: number, ms: number): Place => [round(x.at(rows)), round(y.at(ms))];
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
  const title = `<text x="${panelSize.left}" y="${panelSize.top - 8}" font-weight="bold">${escaped(query)}</text>`;
  return [title, ...grid, ...series].join("");
}

type Place = readonly [number, number];

function line(
  places: readonly Place[],
  style: { readonly colour: string; readonly fill: string },
): string {
  const path = places.map(([x, y]) => `${x},${y}`).join(" ");
  const dots = places.map(
    ([x, y]) => `<circle cx="${x}" cy="${y}" r="3" stroke="${style.colour}" fill="${style.fill}"/>`,
  );
  return `<polyline points="${path}" fill="none" stroke="${style.colour}" stroke-width="1.5"/>${dots.join("")}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1000 ? `${value / 1000} k` : `${Number(value.toPrecision(1))}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
