import { alignedWriter } from "./aligned_rows.js";
import { defineFormat } from "./define_format.js";
import { growingWriter } from "./growing_rows.js";

export const columnFormat = defineFormat({
  name: "column",
  aliases: ["columns"],
  description: "Aligned columns without a frame.",
  startLive: growingWriter,
  start: (options) =>
    alignedWriter(options, {
      row: { start: "", joint: "  ", end: "" },
      top: null,
      middle: { start: "", fill: "-", joint: "  ", end: "" },
      bottom: null,
    }),
});
