import { displayText } from "../display_text.js";
import { readCells } from "../row_cells.js";
import { displayWidth } from "../text_width.js";
import { defineFormat } from "./define_format.js";

export const lineFormat = defineFormat({
  name: "line",
  aliases: ["lines"],
  description: "One 'name = value' per line, with an empty line between rows.",
  start(options) {
    let gap = "";
    return {
      row(line) {
        const cells = readCells(line).map((cell) => ({
          name: displayText(cell.name),
          text: displayText(cell.text ?? options.nullText),
        }));
        const width = Math.max(0, ...cells.map((cell) => displayWidth(cell.name)));
        const lines = cells.map(({ name, text }) =>
          `${" ".repeat(width - displayWidth(name))}${options.paint("header", name)} = ${text}`.trimEnd(),
        );
        const text = `${gap}${lines.join("\n")}\n`;
        gap = "\n";
        return text;
      },
      end: () => "",
    };
  },
});
