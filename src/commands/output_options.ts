import { allFormats, findFormat, formatNames } from "../client/formats/all.js";
import type { FormatOptions, OutputFormat } from "../client/formats/define_format.js";
import { noPaint, terminalPaint, wantsColour } from "../client/paint.js";
import type { AskedLimits } from "../client/query_source.js";
import { AuditqlError } from "../errors.js";
import type { CommandIo, OptionValues } from "./define_command.js";

/** Options that say how results look and how large they may get. */
export const outputOptions = {
  format: {
    type: "string",
    short: "f",
    value: "FORMAT",
    description: "Output format of rows. Default: table.",
    choices: formatNames,
  },
  json: { type: "boolean", description: "Same as --format json." },
  json_pretty: { type: "boolean", description: "Same as --format json_pretty." },
  csv: { type: "boolean", description: "Same as --format csv." },
  line: { type: "boolean", description: "Same as --format line." },
  list: { type: "boolean", description: "Same as --format list." },
  "no-header": { type: "boolean", description: "Omit the column names." },
  separator: {
    type: "string",
    value: "TEXT",
    description: "Separator of the formats list and csv. Default: '|' for list, ',' for csv.",
  },
  nullvalue: { type: "string", value: "TEXT", description: "Text for NULL. Default: empty." },
  "no-color": {
    type: "boolean",
    description:
      "Disable colours. Also disabled by $NO_COLOR, and when the output is not a terminal.",
  },
  timeout: {
    type: "string",
    value: "SECONDS",
    description: "Timeout of the query. Default: the daemon's limit.",
  },
  "max-rows": {
    type: "string",
    value: "N",
    description:
      "Stop after N rows. Without it, a result truncated at the daemon's limit is an error.",
  },
} as const;

export type OutputValues = OptionValues<typeof outputOptions>;

/** Formats with an option of their own, as osqueryi has them. */
const shortcuts = ["json", "json_pretty", "csv", "line", "list"] as const;

/** The format that the options ask for. */
export function chosenFormat(options: OutputValues): OutputFormat {
  const named = shortcuts.filter((name) => options[name]);
  const names = options.format === undefined ? named : [options.format, ...named];
  if (new Set(names).size > 1) {
    throw new AuditqlError("usage", `Expected one format, got ${names.join(" and ")}.`);
  }
  const format = findFormat(names[0] ?? "table") ?? allFormats[0];
  if (format === undefined) throw new AuditqlError("internal", "No output format.");
  return format;
}

export function formatOptions(options: OutputValues, io: CommandIo): FormatOptions {
  const isTerminal = io.stdout.isTTY === true;
  return {
    isHeaderShown: !options["no-header"],
    separator: options.separator ?? null,
    nullText: options.nullvalue ?? "",
    columnWidths: [],
    isTerminal,
    maxWidth: isTerminal ? (io.stdout.columns ?? null) : null,
    paint: isTerminal && !options["no-color"] && wantsColour(io.env) ? terminalPaint : noPaint,
  };
}

export function askedLimits(options: OutputValues): AskedLimits {
  const { timeout, "max-rows": maxRows } = options;
  return {
    ...(timeout === undefined
      ? {}
      : { timeoutMs: Math.max(1, Math.round(positive("--timeout", timeout) * 1000)) }),
    ...(maxRows === undefined ? {} : { maxRows: wholeNumber("--max-rows", maxRows) }),
  };
}

function wholeNumber(name: string, text: string): number {
  const value = positive(name, text);
  if (Number.isSafeInteger(value)) return value;
  throw new AuditqlError("usage", `${name} must be an integer, not ${JSON.stringify(text)}.`);
}

function positive(name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new AuditqlError("usage", `${name} must be a number above 0, not ${JSON.stringify(text)}.`);
}
