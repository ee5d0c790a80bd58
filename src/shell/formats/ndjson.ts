import { displayJson } from "../display_text.js";
import { defineFormat } from "./define_format.js";

export const ndjsonFormat = defineFormat({
  name: "ndjson",
  aliases: ["jsonl"],
  description: "One JSON object a line.",
  start: (options) => ({
    row: (line) => `${options.isTerminal ? displayJson(line) : line}\n`,
    end: () => "",
  }),
});
