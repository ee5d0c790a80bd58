import { didYouMean } from "../util/closest_name.js";
import { osqueryBoolean } from "./check_shape.js";
import type { Diagnostic, Position } from "./diagnostic.js";
import type { HonouredFlag } from "./flag_use.js";
import { type Flag, findFlag, flagNames } from "./flags.js";

/** Where a flag was set, in rising order of precedence. */
const flagOrigins = ["default", "flagfile", "config", "command line"] as const;
export type FlagOrigin = (typeof flagOrigins)[number];

/** One assignment of a flag, not yet looked at. */
export interface FlagAssignment {
  readonly name: string;
  /** Null for a bare --name. */
  readonly value: string | null;
  readonly origin: FlagOrigin;
  readonly position: Position | null;
}

/** A flag that was set. */
interface SetFlag {
  readonly text: string;
  readonly origin: FlagOrigin;
  readonly position: Position | null;
}

/** The value of every flag, and where it came from. */
export class FlagValues {
  readonly #set: ReadonlyMap<string, SetFlag>;

  constructor(set: ReadonlyMap<string, SetFlag>) {
    this.#set = set;
  }

  string(name: HonouredFlag | "flagfile"): string {
    return this.#set.get(name)?.text ?? findFlag(name)?.default ?? "";
  }

  number(name: HonouredFlag): number {
    return Number(this.string(name));
  }

  boolean(name: HonouredFlag): boolean {
    return this.string(name) === "true";
  }

  origin(name: HonouredFlag | "flagfile"): FlagOrigin {
    return this.#set.get(name)?.origin ?? "default";
  }

  /** Where a flag was set; null on the command line, and for a default. */
  positionOf(name: string): Position | null {
    return this.#set.get(name)?.position ?? null;
  }

  /** Values of auditql's own flags, by the setting that they stand for. */
  settings(): { readonly path: readonly string[]; readonly text: string }[] {
    return [...this.#set].flatMap(([name, { text }]) => {
      const path = findFlag(name)?.setting;
      return path === undefined ? [] : [{ path, text }];
    });
  }

  /** Every flag that was set, for `config dump`. */
  assigned(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#set].map(([name, { text }]) => [name, text]));
  }
}

/** Decides the value of each flag; what is wrong with an assignment is reported and left out. */
export function assignFlags(
  assignments: readonly FlagAssignment[],
  report: (problem: Diagnostic) => void,
): FlagValues {
  const set = new Map<string, SetFlag>();
  const rank = ({ origin }: FlagAssignment) => flagOrigins.indexOf(origin);
  for (const assignment of assignments.toSorted((a, b) => rank(a) - rank(b))) {
    const accepted = accept(assignment, report);
    if (accepted === null) continue;
    const { origin, position } = assignment;
    set.set(accepted.name, { text: accepted.text, origin, position });
  }
  return new FlagValues(set);
}

function accept(
  assignment: FlagAssignment,
  report: (problem: Diagnostic) => void,
): { name: string; text: string } | null {
  const { name, position, origin } = assignment;
  const refuse = (severity: Diagnostic["severity"], message: string) => {
    report({ severity, message, position });
    return null;
  };
  // gflags: --noverbose is --verbose=false.
  const negated = findFlag(name) === undefined && name.startsWith("no") && findFlag(name.slice(2));
  const flag = negated || findFlag(name);
  if (flag === undefined) {
    if (name.startsWith("custom_")) return null;
    const severity = origin === "command line" ? "error" : "warning";
    return refuse(severity, `unknown flag --${name}.${didYouMean(name, flagNames())}`);
  }
  if (flag.notApplicable !== null) {
    return refuse("warning", `--${flag.name} has no effect: ${flag.notApplicable}.`);
  }
  if (origin === "config" && flag.commandLineOnly) {
    return refuse(
      "warning",
      `option "${name}" can only be set on the command line or in the flagfile, ignored.`,
    );
  }
  const text = valueText(flag, negated ? "false" : assignment.value);
  if (text !== null) return { name: flag.name, text };
  const needs = `--${flag.name} must be a ${flag.kind}, not "${assignment.value ?? ""}"`;
  // gflags ends the program over a flag; osquery goes on without an option.
  return origin === "config" ? refuse("skip", `${needs}, ignored.`) : refuse("error", `${needs}.`);
}

function valueText(flag: Flag, value: string | null): string | null {
  if (flag.kind === "boolean") {
    const parsed = value === null ? true : osqueryBoolean(value);
    return typeof parsed === "boolean" ? String(parsed) : null;
  }
  if (value === null) return null;
  if (flag.kind === "number") return /^-?\d+$/.test(value.trim()) ? value.trim() : null;
  return value;
}

/**
 * Flags of a flagfile: one --name=value a line, no quoting, # starts a comment line. Other lines
 * are reported; to gflags they are names of the programs that the next flags are for.
 */
export function parseFlagfile(
  file: string,
  text: string,
  report: (problem: Diagnostic) => void,
): FlagAssignment[] {
  return text.split("\n").flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const position = { file, line: index + 1, column: 1 };
    const match = /^\s*--?(\w+)(?:=(.*?))?\s*$/.exec(line);
    if (match === null) {
      const message = `"${line.trim()}" is not a flag, ignored. Write a flag as --name=value.`;
      report({ severity: "warning", message, position });
      return [];
    }
    const [, name = "", value = null] = match;
    return [{ name, value, origin: "flagfile" as const, position }];
  });
}

/** Flags of a command line; what is not a flag is handed back as `rest`. */
export function parseFlags(args: readonly string[]): {
  readonly assignments: readonly FlagAssignment[];
  readonly rest: readonly string[];
} {
  const assignments: FlagAssignment[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    const match = /^--?([A-Za-z_]\w*)(?:=(.*))?$/s.exec(argument);
    if (match === null) {
      rest.push(argument);
      continue;
    }
    const [, name = "", given] = match;
    // gflags takes `--name value` too, except for booleans.
    const flag = findFlag(name);
    const next = args[index + 1];
    const takesNext = given === undefined && flag && flag.kind !== "boolean" && next !== undefined;
    if (takesNext) index++;
    const value = given ?? (takesNext ? next : null);
    assignments.push({ name, value, origin: "command line", position: null });
  }
  return { assignments, rest };
}
