import { displayJson } from "../display_text.js";
import { paintJson } from "../paint.js";
import { defineFormat } from "./define_format.js";

export const jsonFormat = defineFormat({
  name: "json",
  aliases: [],
  description: "One JSON array, with one object per row.",
  isDocument: true,
  start(options) {
    let lead = "[\n  ";
    return {
      row(line) {
        const text =
          lead + (options.isTerminal ? paintJson(displayJson(line), options.paint) : line);
        lead = ",\n  ";
        return text;
      },
      end: () => (lead === ",\n  " ? "\n]\n" : "[\n]\n"),
    };
  },
});
