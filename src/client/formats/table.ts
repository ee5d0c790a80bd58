import { alignedWriter } from "./aligned_rows.js";
import { defineFormat } from "./define_format.js";
import { growingWriter } from "./growing_rows.js";

const rule = { start: "+-", fill: "-", joint: "-+-", end: "-+" };

export const tableFormat = defineFormat({
  name: "table",
  aliases: ["pretty"],
  description: "Frame of ASCII characters, as in osqueryi.",
  startLive: growingWriter,
  start: (options) =>
    alignedWriter(options, {
      row: { start: "| ", joint: " | ", end: " |" },
      top: rule,
      middle: rule,
      bottom: rule,
    }),
});
