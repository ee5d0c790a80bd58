import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

const escapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };

export const separatorCommand = defineMetaCommand({
  name: "separator",
  aliases: [],
  operands: "TEXT",
  description: "Set the separator of the formats list and csv; \\t is a tab.",
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
  description: "Set the text for NULL.",
  run(session, _args, rest) {
    session.settings.nullText = unquoted(rest);
  },
});

export const widthCommand = defineMetaCommand({
  name: "width",
  aliases: [],
  operands: "[N …]",
  description:
    "Set the widths of the first columns in aligned formats, in characters; 0: automatic.",
  details: "A wider value is wrapped. The window still limits the total width.",
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
  description: "Set the timeout of queries in milliseconds; 0: the daemon's limit.",
  run(session, [word = ""]) {
    if (!/^\d{1,9}$/.test(word)) throw wrongUse(".timeout MS");
    session.settings.timeoutMs = Number(word) === 0 ? null : Number(word);
  },
});

/** Quotes let a text begin or end with blanks. */
function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
