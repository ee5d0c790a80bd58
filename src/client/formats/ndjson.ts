import { displayJson } from "../display_text.js";
import { paintJson } from "../paint.js";
import { defineFormat } from "./define_format.js";

export const ndjsonFormat = defineFormat({
  name: "ndjson",
  aliases: ["jsonl"],
  description: "One JSON object per line.",
  start: (options) => ({
    row: (line) => `${options.isTerminal ? paintJson(displayJson(line), options.paint) : line}\n`,
    end: () => "",
  }),
});
