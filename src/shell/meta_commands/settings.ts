import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };

export const separatorCommand = defineMetaCommand({
  name: "separator",
  aliases: [],
  operands: "TEXT",
  description: "Put this between values of the formats list and csv; \\t is a tab.",
  run(session, _args, rest) {
    if (rest === "") throw wrongUse(".separator TEXT");
    const text = unquoted(rest);
    session.settings.separator = text.replace(/\\([tnr\\])/g, (_, letter) => escapes[letter] ?? "");
  },
});

export const nullvalueCommand = defineMetaCommand({
  name: "nullvalue",
  aliases: [],
  operands: "TEXT",
  description: "Show this for NULL.",
  run(session, _args, rest) {
    session.settings.nullText = unquoted(rest);
  },
});

export const widthCommand = defineMetaCommand({
  name: "width",
  aliases: [],
  operands: "[N …]",
  description: "Widths of the first columns in aligned formats; 0 or none: as their values need.",
  details: "A value that is wider is wrapped. The window still bounds all columns together.",
  examples: [".width 10 0 40"],
  run(session, words) {
    if (!words.every((word) => /^\d{1,4}$/.test(word))) throw wrongUse(".width [N …]");
    session.settings.columnWidths = words.map(Number);
  },
});

export const timeoutCommand = defineMetaCommand({
  name: "timeout",
  aliases: [],
  operands: "MS",
  description: "Stop queries after so many milliseconds; 0 for the daemon's own limit.",
  run(session, [word = ""]) {
    if (!/^\d{1,9}$/.test(word)) throw wrongUse(".timeout MS");
    session.settings.timeoutMs = Number(word) === 0 ? null : Number(word);
  },
});

/** Quotes let a text begin or end with blanks. */
function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
