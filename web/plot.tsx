import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { clockText, timeText } from "./format.ts";
import { useWindowEvent } from "./window_event.ts";
import { appearanceEvent } from "./zone.ts";

export interface Series {
  readonly label: string;
  /** Name of a custom property of the style sheet. */
  readonly colour: string;
  readonly values: readonly number[];
}

interface PlotProps {
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

const heightPx = 200;

/** Lines over time. */
export function Plot({ label, times, series }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = series.map((each) => each.label).join();
  // Its colours and labels are read once, when it is made.
  const [appearance, setAppearance] = useState(0);
  useWindowEvent(appearanceEvent, () => setAppearance((before) => before + 1));
  useEffect(() => {
    const element = box.current;
    if (element === null || series.length === 0) return;
    const made = new uPlot(plotOptions(element, series), [[]], element);
    plot.current = made;
    const fit = () => made.setSize({ width: element.clientWidth, height: heightPx });
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, appearance]);
  useEffect(() => {
    plot.current?.setData([[...times], ...series.map(({ values }) => [...values])]);
  }, [times, series, names, appearance]);
  return <div ref={box} class="plot" role="img" aria-label={label} />;
}

function plotOptions(element: HTMLElement, series: readonly Series[]): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
  };
  const clock = (_plot: uPlot, times: readonly number[]) => times.map(clockText);
  return {
    width: Math.max(element.clientWidth, 200),
    height: heightPx,
    legend: { markers: { width: 0, fill: (_plot, at) => colour(series[at - 1]?.colour ?? "") } },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      // Whole minutes, so that no two labels are the same.
      { ...axis, values: clock, incrs: [60, 120, 300, 600, 1800, 3600, 7200, 21_600] },
      { ...axis, size: 56 },
    ],
    series: [
      {
        value: (_plot, time) => (time === null ? "" : timeText(Math.round(time))),
      },
      ...series.map((each) => ({
        label: each.label,
        stroke: colour(each.colour),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}
