import { parseArgs } from "node:util";
import { AuditqlError } from "../errors.js";
import { closestName, didYouMean } from "../util/closest_name.js";
import type { OptionSpec, OptionSpecs } from "./define_command.js";

export interface ParsedArguments {
  readonly values: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly operands: readonly string[];
}

/** Reads the arguments of a command by its option specs; what is not understood is `usage`. */
export function parseCommandLine(
  args: readonly string[],
  specs: OptionSpecs,
  takesOperands: boolean,
): ParsedArguments {
  // Not strict, so that the messages are ours: parseArgs() knows no "did you mean".
  const { tokens } = parseArgs({
    args: [...args],
    options: parseArgsOptions(specs),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, boolean | string | readonly string[] | undefined>();
  for (const [name, spec] of Object.entries(specs)) values.set(name, emptyValue(spec));
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(token.rawName, specs);
    const value = readValue(token.rawName, spec, token.value);
    const previous = values.get(token.name);
    values.set(token.name, Array.isArray(previous) ? [...previous, value] : value);
  }
  if (!takesOperands && operands.length > 0) {
    throw new AuditqlError("usage", `Unexpected argument ${JSON.stringify(operands[0])}.`);
  }
  return { values: Object.fromEntries(values), operands };
}

function parseArgsOptions(specs: OptionSpecs) {
  const entries = Object.entries(specs).map(([name, spec]) => [
    name,
    { type: spec.type, ...(spec.short === undefined ? {} : { short: spec.short }) },
  ]);
  return Object.fromEntries(entries);
}

function emptyValue(spec: OptionSpec): false | undefined | readonly string[] {
  if (spec.type === "boolean") return false;
  return spec.isMultiple === true ? [] : undefined;
}

function readValue(rawName: string, spec: OptionSpec, value: string | undefined): boolean | string {
  if (spec.type === "boolean") {
    if (value === undefined) return true;
    throw new AuditqlError("usage", `${rawName} does not accept a value.`);
  }
  if (value === undefined) {
    throw new AuditqlError(
      "usage",
      `${rawName} needs a value: ${rawName} ${spec.value ?? "VALUE"}.`,
    );
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    throw new AuditqlError(
      "usage",
      `Invalid value ${JSON.stringify(value)} of ${rawName}.${didYouMean(value, spec.choices)} Use one of ${spec.choices.join(", ")}.`,
    );
  }
  return value;
}

function unknownOption(rawName: string, specs: OptionSpecs): AuditqlError {
  // Without the dashes, which all options share.
  const closest = closestName(rawName.replace(/^-+/, ""), Object.keys(specs));
  const hint = closest === null ? "See --help." : `Did you mean "--${closest}"?`;
  return new AuditqlError("usage", `Unknown option ${rawName}. ${hint}`);
}
