import { alignedWriter } from "./aligned_rows.js";
import { defineFormat } from "./define_format.js";

export const columnFormat = defineFormat({
  name: "column",
  aliases: [],
  description: "Aligned columns without a frame.",
  start: (options) =>
    alignedWriter(options, {
      row: { start: "", joint: "  ", end: "" },
      top: null,
      middle: { start: "", fill: "-", joint: "  ", end: "" },
      bottom: null,
    }),
});
