import { AuditqlError } from "../errors.js";
import { allFormats, findFormat, formatNames } from "../shell/formats/all.js";
import type { FormatOptions, OutputFormat } from "../shell/formats/define_format.js";
import { noPaint, terminalPaint, wantsColour } from "../shell/paint.js";
import type { AskedLimits } from "../shell/query_source.js";
import type { CommandIo, OptionValues } from "./define_command.js";

/** Options that say how results look and how large they may get. */
export const outputOptions = {
  format: {
    type: "string",
    short: "f",
    value: "FORMAT",
    description: "How to show rows. Default: table.",
    choices: formatNames,
  },
  "no-header": { type: "boolean", description: "Leave out the names of the columns." },
  separator: {
    type: "string",
    value: "TEXT",
    description: "Between the values of the formats list ('|') and csv (',').",
  },
  nullvalue: { type: "string", value: "TEXT", description: "Shown for NULL. Default: nothing." },
  "no-color": {
    type: "boolean",
    description: "No colours; as with $NO_COLOR, and where the output is no terminal.",
  },
  timeout: {
    type: "string",
    value: "SECONDS",
    description: "Stop the query after so long. Default: the daemon's.",
  },
  "max-rows": {
    type: "string",
    value: "N",
    description:
      "Stop after N rows. Without it, a result that the daemon's own limit cut short is an error.",
  },
} as const;

type OutputValues = OptionValues<typeof outputOptions>;

/** The format that the options ask for. */
export function chosenFormat(options: OutputValues): OutputFormat {
  const format = findFormat(options.format ?? "table") ?? allFormats[0];
  if (format === undefined) throw new AuditqlError("internal", "There is no output format.");
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
  throw new AuditqlError("usage", `${name} needs a whole number, not ${JSON.stringify(text)}.`);
}

function positive(name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new AuditqlError("usage", `${name} needs a number above 0, not ${JSON.stringify(text)}.`);
}
