import { alignedWriter } from "./aligned_rows.js";
import { defineFormat } from "./define_format.js";

const rule = { start: "+-", fill: "-", joint: "-+-", end: "-+" };

export const tableFormat = defineFormat({
  name: "table",
  aliases: ["pretty"],
  description: "Framed with ASCII, as osqueryi shows results.",
  start: (options) =>
    alignedWriter(options, {
      row: { start: "| ", joint: " | ", end: " |" },
      top: rule,
      middle: rule,
      bottom: rule,
    }),
});
