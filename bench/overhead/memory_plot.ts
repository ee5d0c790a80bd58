import { axisSteps, svgCurve, svgLine, svgText, writeDrawing } from "../svg.js";
import type { MemorySample } from "./memory_bench.js";

const size = { width: 760, height: 300, left: 56, right: 20, top: 40, bottom: 40 };
const curves: readonly { name: string; colour: string; of: (sample: MemorySample) => number }[] = [
  { name: "resident", colour: "#0b6bcb", of: ({ resident }) => resident },
  { name: "anonymous", colour: "#3c8031", of: ({ anonymous }) => anonymous },
  { name: "eBPF maps", colour: "#b3541e", of: ({ maps }) => maps },
];

/** Draws memory, in MB, by millions of events. */
export function writeMemoryPlot(path: string, samples: readonly MemorySample[]): void {
  const begin = samples[0]?.events ?? 0;
  const millions = (sample: MemorySample) => (sample.events - begin) / 1e6;
  const megabytes = samples.flatMap((each) => curves.map(({ of }) => of(each) / 1e6));
  const end = Math.max(...samples.map(millions));
  const xs = axisSteps(end).filter((each) => each <= end);
  const ys = axisSteps(Math.max(...megabytes));
  const inner = {
    width: size.width - size.left - size.right,
    height: size.height - size.top - size.bottom,
  };
  const bottom = size.height - size.bottom;
  const x = (value: number) => size.left + (value / Math.max(end, 1e-9)) * inner.width;
  const y = (value: number) => bottom - (value / (ys.at(-1) ?? 1)) * inner.height;
  const label = (value: number) => `${Number(value.toPrecision(3))}`;
  const grid = [
    ...xs.map(
      (each) =>
        svgLine({ x: x(each), y: size.top }, { x: x(each), y: bottom }, "#eee") +
        svgText({ x: x(each), y: bottom + 15 }, label(each), { anchor: "middle" }),
    ),
    ...ys.map(
      (each) =>
        svgLine({ x: size.left, y: y(each) }, { x: size.width - size.right, y: y(each) }, "#eee") +
        svgText({ x: size.left - 6, y: y(each) + 4 }, label(each), { anchor: "end" }),
    ),
  ];
  const legend = curves.map(({ name, colour }, i) =>
    svgText({ x: size.left + i * 110, y: 22 }, `● ${name}`, { colour }),
  );
  const units = svgText(
    { x: size.width - size.right, y: size.height - 8 },
    "MB by millions of events",
    { anchor: "end" },
  );
  const drawn = curves.map(({ colour, of }) =>
    svgCurve(
      samples.map((each) => ({ x: x(millions(each)), y: y(of(each) / 1e6) })),
      colour,
    ),
  );
  writeDrawing(path, {
    width: size.width,
    height: size.height,
    parts: [...legend, units, ...grid, ...drawn],
  });
}
