import { displayText } from "../display_text.js";
import { readCells } from "../row_cells.js";
import { defineFormat } from "./define_format.js";

export const markdownFormat = defineFormat({
  name: "markdown",
  aliases: ["md"],
  description: "GitHub Markdown table, for reports and tickets.",
  start(options) {
    let isFirst = true;
    const line = (texts: readonly string[]) => `| ${texts.join(" | ")} |\n`;
    return {
      row(json) {
        const cells = readCells(json);
        const names = cells.map((cell) => escapeMarkdown(cell.name));
        const head = isFirst ? line(names) + line(names.map(() => "---")) : "";
        isFirst = false;
        return head + line(cells.map((cell) => escapeMarkdown(cell.text ?? options.nullText)));
      },
      end: () => "",
    };
  },
});

/** Values are what attackers chose: none may end a cell, or become a link, an image or HTML. */
function escapeMarkdown(text: string): string {
  return displayText(text).replace(/[\\|<>&`*_[\]!]/g, "\\$&");
}
