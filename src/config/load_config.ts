import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { AuditqlError } from "../errors.js";
import { fileReason } from "../util/file_reason.js";
import { assembleConfig } from "./assemble_config.js";
import type { Config } from "./config.js";
import { type ConfigFile, readConfigFile } from "./config_file.js";
import { withoutByteOrderMark } from "./config_text.js";
import { type Diagnostic, formatDiagnostic, type Position } from "./diagnostic.js";
import { assignFlags, type FlagAssignment, parseFlagfile, parseFlags } from "./flag_values.js";
import { type HostDefaults, thisHost } from "./host_defaults.js";
import { isObject, type JsonValue } from "./json_document.js";
import { warnUnknownTopLevel } from "./read_pack.js";
import type { ConfiguredStatement } from "./statement.js";
import { kindOf, readUserFile } from "./user_file.js";
import { ValuePlaces } from "./value_places.js";

export interface LoadOptions {
  /** Flags of the command line, `--name=value`. */
  readonly args: readonly string[];
  readonly host?: HostDefaults;
}

/** What became of reading the configuration. */
export interface LoadedConfig {
  /** Null when a problem is an error. */
  readonly config: Config | null;
  /** What could be read in spite of errors, to look for more of them; null when nothing could. */
  readonly draft: Config | null;
  readonly problems: readonly Diagnostic[];
  /** Main file, whether or not it could be read. */
  readonly path: string;
  /** Files and folders that were looked at: where one changes, so may the configuration. */
  readonly sources: ReadonlySet<string>;
  /** The SQL of the files, for who prepares it. */
  readonly statements: readonly ConfiguredStatement[];
  /** Where a value stands in the last file or pack that has it; of a key of `options` also where a
   * flagfile sets it. Null where it is set on the command line, or not at all. */
  positionOf(keys: readonly string[]): Position | null;
}

/** Reads flags and files as osquery does, and names everything that is wrong with them. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const host = options.host ?? thisHost();
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic) => {
    problems.push(problem);
  };
  const start = readStartFlags(options.args, host, report);
  const path = start.path;
  const found = [path, ...filesOf(`${path}.d`, report)];
  const sources = new Set([...found, `${path}.d`]);
  const files = readFiles(found, report);
  const assignments = [...start.assignments, ...files.flatMap(optionAssignments)];
  const flagValues = assignFlags(assignments, report);
  const statements: ConfiguredStatement[] = [];
  const places = new ValuePlaces();
  for (const { value, source } of files) places.note(value, source);
  const positionOf = ([key, ...rest]: readonly string[]) =>
    (key === "options" ? flagValues.positionOf(rest[0] ?? "") : null) ??
    places.positionOf([key ?? "", ...rest]);
  const about = { problems, path, sources, statements, positionOf };
  if (files.length === 0 || problems.some(isError)) return { config: null, draft: null, ...about };
  for (const file of files) warnUnknownTopLevel(file.value, file.source);
  const noteSource = (source: string) => void sources.add(source);
  const hash = hashOf(files);
  const noteStatement = (statement: ConfiguredStatement) => void statements.push(statement);
  const notes = { report, noteSource, noteStatement, places };
  const config = assembleConfig({ files, flags: flagValues, host, hash, ...notes });
  return { config: problems.some(isError) ? null : config, draft: config, ...about };
}

/** As loadConfig(), but a configuration that cannot be used is thrown as `config_broken`. */
export function requireConfig(options: LoadOptions): {
  readonly config: Config;
  readonly warnings: readonly Diagnostic[];
  readonly sources: ReadonlySet<string>;
  readonly positionOf: LoadedConfig["positionOf"];
} {
  const { config, problems, path, sources, positionOf } = loadConfig(options);
  if (config !== null) return { config, warnings: problems, sources, positionOf };
  const errors = problems.filter(isError).map(formatDiagnostic);
  throw new AuditqlError(
    "config_broken",
    `Cannot use ${path}:\n${errors.join("\n")}\nCorrect it, and list all problems with: auditql config check`,
  );
}

const isError = (problem: Diagnostic) => problem.severity === "error";

type Report = (problem: Diagnostic) => void;

/** Flags of the command line and the flagfile, and the main file that they decide. */
function readStartFlags(
  args: readonly string[],
  host: HostDefaults,
  report: Report,
): { readonly assignments: readonly FlagAssignment[]; readonly path: string } {
  const fromArguments = parseFlags(args).assignments;
  const ignore = () => {};
  const named = assignFlags(fromArguments, ignore).string("flagfile");
  const flagfile = named || host.flagfiles.find((file) => existsSync(file));
  const fromFile = flagfile === undefined ? [] : readFlagfile(flagfile, { report, namedAt: null });
  const assignments = [...fromArguments, ...fromFile];
  const values = assignFlags(assignments, ignore);
  const path =
    values.origin("config_path") === "default"
      ? (host.configPaths.find((file) => existsSync(file)) ?? host.configPaths.at(-1) ?? "")
      : values.string("config_path");
  return { assignments, path };
}

/** Flags of a file and of the flagfiles that it names, each in the place of its name. */
function readFlagfile(
  path: string,
  { report, namedAt }: { readonly report: Report; readonly namedAt: Position | null },
  above: readonly string[] = [],
): FlagAssignment[] {
  if (above.includes(path)) return [];
  const text = readFlags(path, report, namedAt);
  return parseFlagfile(path, text, report).flatMap((assignment) => {
    const { name, value, position } = assignment;
    if (name !== "flagfile") return [assignment];
    return readFlagfile(value ?? "", { report, namedAt: position }, [...above, path]);
  });
}

const maxFlagfileBytes = 2 ** 20;

function readFlags(path: string, report: Report, namedAt: Position | null): string {
  try {
    return withoutByteOrderMark(readUserFile(path, { maxBytes: maxFlagfileBytes }).toString());
  } catch (error) {
    report({
      severity: "error",
      message: `cannot read the flagfile ${path}: ${fileReason(error)}. Check --flagfile.`,
      position: namedAt,
    });
    return "";
  }
}

/** The main file, then those of its `.d` folder; each that cannot be used is an error. */
function readFiles(paths: readonly string[], report: Report): ConfigFile[] {
  return paths.flatMap((file) => {
    const read = readConfigFile(file, { severity: "error", namedAt: null, report });
    return read === null ? [] : [read];
  });
}

function filesOf(folder: string, report: Report): string[] {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return [];
    if (found.isDirectory()) return confFilesOf(folder);
    throw new Error(`it is ${kindOf(found)}, not a directory`);
  } catch (error) {
    const message = `cannot read ${folder}: ${fileReason(error)}.`;
    report({ severity: "error", message, position: null });
    return [];
  }
}

/** The folder's `*.conf`, sorted. Hidden names are those of editors at work; osquery's pattern
 * `%.conf` leaves them out too. */
function confFilesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".conf") && !entry.name.startsWith("."))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();
}

/** The `options` key, as assignments of flags. */
function optionAssignments(file: ConfigFile): FlagAssignment[] {
  const options = file.value["options"];
  if (!isObject(options)) return [];
  return Object.entries(options).map(([name, value]) => ({
    name,
    value: optionText(value),
    origin: "config",
    position: file.source.positionOf(["options", name]),
  }));
}

const optionText = (value: JsonValue) =>
  typeof value === "string" ? value : JSON.stringify(value);

function hashOf(files: readonly ConfigFile[]): string {
  const hash = createHash("sha1");
  for (const file of files) hash.update(file.text);
  return hash.digest("hex");
}
