import { displayText } from "../display_text.js";
import { defineFormat } from "./define_format.js";
import { separatedWriter } from "./separated_rows.js";

export const csvFormat = defineFormat({
  name: "csv",
  aliases: [],
  description: "Comma-separated values, quoted where needed (RFC 4180).",
  start(options) {
    const separator = options.separator ?? ",";
    return separatedWriter(options, separator, (text) => {
      const shown = options.isTerminal ? displayText(text) : text;
      const isPlain = !/["\r\n]/.test(shown) && !shown.includes(separator);
      return isPlain ? shown : `"${shown.replaceAll('"', '""')}"`;
    });
  },
});
