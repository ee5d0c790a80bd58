import { writeFileSync } from "node:fs";

/** An SVG file of so many pixels. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly string[];
}

export function writeDrawing(path: string, { width, height, parts }: Drawing): void {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  writeFileSync(
    path,
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11" fill="#333">\n` +
      `<rect width="${width}" height="${height}" fill="#fff"/>\n${parts.join("\n")}\n</svg>\n`,
  );
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly isBold?: boolean;
  readonly colour?: string;
}

export function svgText({ x, y }: Place, text: string, style: TextStyle = {}): string {
  const { anchor = "start", isBold = false, colour = "#333" } = style;
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const weight = isBold ? ' font-weight="bold"' : "";
  return `<text x="${tenth(x)}" y="${tenth(y)}" text-anchor="${anchor}" fill="${colour}"${weight}>${escaped}</text>`;
}

export function svgLine(from: Place, to: Place, colour: string): string {
  return `<path d="M${tenth(from.x)} ${tenth(from.y)}L${tenth(to.x)} ${tenth(to.y)}" stroke="${colour}"/>`;
}

export function svgBar(at: Place, size: { width: number; height: number }, colour: string): string {
  const [width, height] = [tenth(Math.max(0, size.width)), tenth(size.height)];
  return `<rect x="${tenth(at.x)}" y="${tenth(at.y)}" width="${width}" height="${height}" fill="${colour}"/>`;
}

export function svgCurve(places: readonly Place[], colour: string): string {
  const path = places.map(({ x, y }) => `${tenth(x)},${tenth(y)}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

export function svgDot(
  { x, y }: Place,
  { colour, fill }: { readonly colour: string; readonly fill: string },
): string {
  return `<circle cx="${tenth(x)}" cy="${tenth(y)}" r="3" stroke="${colour}" fill="${fill}"/>`;
}

/** Round steps, about five of them, from 0 to beyond `highest`. */
export function axisSteps(highest: number): readonly number[] {
  const rough = Math.max(highest, 1e-9) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, i) => i * step);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
