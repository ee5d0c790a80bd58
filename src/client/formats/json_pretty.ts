import { displayJson } from "../display_text.js";
import { paintJson } from "../paint.js";
import { rowMembers } from "../row_cells.js";
import { defineFormat } from "./define_format.js";

export const jsonPrettyFormat = defineFormat({
  name: "json_pretty",
  aliases: [],
  description: "One JSON array, with one line per value.",
  isDocument: true,
  start(options) {
    let lead = "[\n";
    return {
      row(line) {
        const members = rowMembers(line).map(({ key, value }) => `    ${key}: ${value}`);
        const text = members.length === 0 ? "  {}" : `  {\n${members.join(",\n")}\n  }`;
        const shown = options.isTerminal
          ? text
              .split("\n")
              .map((each) => paintJson(displayJson(each), options.paint))
              .join("\n")
          : text;
        const before = lead;
        lead = ",\n";
        return before + shown;
      },
      end: () => (lead === ",\n" ? "\n]\n" : "[\n]\n"),
    };
  },
});
