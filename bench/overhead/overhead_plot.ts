import { median } from "../alternate.js";
import { axisSteps, svgBar, svgLine, svgText, writeDrawing } from "../svg.js";
import { contenderNames } from "./contenders.js";
import type { Taken } from "./measure.js";
import { series, type Turns } from "./overhead_bench.js";

const panels = ["short shells", "UDP connects"];
const size = { width: 760, left: 130, right: 20, top: 40, row: 20, gap: 46 };
const parts: readonly { name: string; colour: string; of: (taken: Taken) => number }[] = [
  { name: "workload", colour: "#b9c4cf", of: ({ workload }) => workload },
  { name: "kernel's audit thread", colour: "#b3541e", of: ({ kernel }) => kernel },
  { name: "observer until quiet", colour: "#0b6bcb", of: ({ observer }) => observer },
];

/** Draws a bar for each contender: CPU of its parts over that of the workload alone. */
export function writeOverheadPlot(path: string, turns: Turns): void {
  const height = size.row * turns.size + size.gap;
  const drawn = panels.map((title, workload) => {
    const y = size.top + workload * height;
    return `<g transform="translate(0,${y})">${panel(title, turns, workload)}</g>`;
  });
  writeDrawing(path, {
    width: size.width,
    height: size.top + panels.length * height,
    parts: [...legend(), ...drawn],
  });
}

function legend(): readonly string[] {
  return parts.map(({ name, colour }, i) =>
    svgText({ x: size.left + i * 170, y: 18 }, `■ ${name}`, { colour }),
  );
}

function panel(title: string, turns: Turns, workload: number): string {
  const share = (name: string, of: (taken: Taken) => number) => {
    const off = series(turns, contenderNames.off, workload, (taken) => taken.workload);
    return median(series(turns, name, workload, of).map((each, i) => each / (off[i] ?? 1)));
  };
  const bars = [...turns.keys()].map((name) => ({
    name,
    shares: parts.map(({ of }) => share(name, of)),
  }));
  const steps = axisSteps(Math.max(...bars.map(({ shares }) => total(shares))));
  const scale = (size.width - size.left - size.right) / (steps.at(-1) ?? 1);
  const bottom = size.row * turns.size + 8;
  const grid = steps.map((step) => {
    const x = size.left + step * scale;
    return (
      svgLine({ x, y: 8 }, { x, y: bottom }, "#eee") +
      svgText({ x, y: bottom + 14 }, `${Number(step.toPrecision(3))}`, { anchor: "middle" })
    );
  });
  const rows = bars.map(({ name, shares }, i) => {
    const y = 10 + i * size.row;
    const rectangles = shares.map((each, part) => {
      const x = size.left + total(shares.slice(0, part)) * scale;
      return svgBar({ x, y }, { width: each * scale, height: 14 }, parts[part]?.colour ?? "#000");
    });
    const label = svgText({ x: size.left - 6, y: y + 11 }, name, { anchor: "end" });
    return label + rectangles.join("");
  });
  const heading = svgText({ x: size.left, y: 0 }, `${title}: CPU over that of the workload alone`, {
    isBold: true,
  });
  return [heading, ...grid, ...rows].join("");
}

function total(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}
