import { alignedWriter } from "./aligned_rows.js";
import { defineFormat } from "./define_format.js";
import { growingWriter } from "./growing_rows.js";

export const boxFormat = defineFormat({
  name: "box",
  aliases: [],
  description: "Frame of Unicode box-drawing characters.",
  startLive: growingWriter,
  start: (options) =>
    alignedWriter(options, {
      row: { start: "│ ", joint: " │ ", end: " │" },
      top: { start: "┌─", fill: "─", joint: "─┬─", end: "─┐" },
      middle: { start: "├─", fill: "─", joint: "─┼─", end: "─┤" },
      bottom: { start: "└─", fill: "─", joint: "─┴─", end: "─┘" },
    }),
});
