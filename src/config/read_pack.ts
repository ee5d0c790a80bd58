import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { glob } from "../util/glob.js";
import { checkSections, sectionNames } from "./check_sections.js";
import { checkShape, reportUnknownKey, type ShapeSource, within } from "./check_shape.js";
import type { Pack, ScheduledQuery, Trigger } from "./config.js";
import { readConfigFile } from "./config_file.js";
import { cronProblem } from "./cron_line.js";
import { packSchema, type QueryDeclaration, querySchema } from "./file_schema.js";
import { isObject, type JsonObject, type JsonValue } from "./json_document.js";
import { platformMatches } from "./platform.js";
import {
  type ConfiguredStatement,
  everywhere,
  type StatementScope,
  sectionStatements,
} from "./statement.js";

export interface PackOptions {
  readonly delimiter: string;
  readonly defaultInterval: number;
  /** File that the packs are named in; relative paths start from its folder. */
  readonly file: string;
  /** Told of pack files, and of folders that patterns look for them in. */
  noteSource(path: string): void;
  /** Told of each SQL statement, and where it stands. */
  noteStatement(statement: ConfiguredStatement): void;
  /** Told of the sections of each pack for this platform. */
  noteSections(sections: JsonObject, source: ShapeSource): void;
  /** False for a name that another query has. */
  takeName(query: string): boolean;
}

/** What the queries of one pack have in common. */
interface QueryOptions extends PackOptions {
  /** Stands before the names of the queries. */
  readonly prefix: string;
  readonly scope: StatementScope;
}

/** The `schedule` key: pack `main`, whose queries keep their names. */
export function readSchedule(value: JsonValue, source: ShapeSource, options: PackOptions): Pack {
  const name = "main";
  return {
    name,
    platform: null,
    version: null,
    shard: 0,
    discovery: [],
    queries: readQueries(value, source, { ...options, prefix: "", scope: everywhere }),
    sections: {},
  };
}

/** The `packs` key: packs in place, paths of pack files, and `"*": "glob"`. */
export function checkPacks(value: JsonValue, source: ShapeSource, options: PackOptions): Pack[] {
  if (!isObject(value)) {
    skip(source, "packs must be an object of packs by name, ignored.");
    return [];
  }
  return Object.entries(value).flatMap(([name, pack]) => {
    const inner = within(source, name);
    if (isBlank(name)) {
      skip(inner, "the name of a pack is empty, skipped.");
      return [];
    }
    if (isObject(pack)) return [readPack(name, pack, inner, options)].flatMap((p) => p ?? []);
    if (typeof pack === "string") return readPackFiles(name, pack, inner, options);
    skip(inner, `pack "${name}" must be an object or the path of a file, ignored.`);
    return [];
  });
}

function readPackFiles(
  name: string,
  path: string,
  source: ShapeSource,
  options: PackOptions,
): Pack[] {
  const beside = join(dirname(options.file), path);
  const resolved = isAbsolute(path) || (name !== "*" && !existsSync(beside)) ? path : beside;
  const files = name === "*" ? glob(resolved) : [resolved];
  if (name === "*") options.noteSource(dirname(resolved));
  for (const file of files) options.noteSource(file);
  if (files.length === 0) warn(source, `no pack file matches ${path}.`);
  if (name !== "*" && path.includes("*") && !existsSync(resolved)) {
    skip(
      source,
      `the path of a pack can be a pattern only under the name "*": { "*": "${path}" }.`,
    );
    return [];
  }
  return files.flatMap((file) => {
    const { report } = source;
    const namedAt = source.positionOf(source.path);
    const parsed = readConfigFile(file, { severity: "skip", namedAt, report });
    if (parsed === null) return [];
    const packName = name === "*" ? basename(file).replace(/\.[^.]*$/, "") : name;
    return [readPack(packName, parsed.value, parsed.source, options)].flatMap((p) => p ?? []);
  });
}

/** A query that runs at other times than it says is not that query. */
const triggerKeys: readonly string[] = ["interval", "cron", "timezone", "streaming"];

/** Packs in the wild list platforms; osquery ignores what is no text. */
function withPlatformText(value: JsonValue): JsonValue {
  if (!isObject(value) || !Array.isArray(value["platform"])) return value;
  return { ...value, platform: value["platform"].join(",") };
}

function readPack(
  name: string,
  value: JsonObject,
  source: ShapeSource,
  options: PackOptions,
): Pack | null {
  const { queries, ...rest } = value;
  const members = Object.entries(rest);
  const own = Object.fromEntries(members.filter(([key]) => !sectionNames.includes(key)));
  const declared = checkShape(packSchema, withPlatformText(own), {
    source,
    severity: "skip",
    coercion: "osquery",
  });
  if (declared === null) return null;
  const prefix = `pack${options.delimiter}${name}${options.delimiter}`;
  const { platform = null, version = null } = declared;
  // osquery ignores entries that are not strings.
  const discovery = (declared.discovery ?? []).filter((sql) => typeof sql === "string");
  const audiences = [{ platform, version }];
  const scope = { audiences, isDiscovered: discovery.length > 0 };
  const sections = checkSections(value, source);
  if (platformMatches(platform)) {
    const written = members.filter(([key]) => sectionNames.includes(key));
    options.noteSections(Object.fromEntries(written), source);
  }
  noteDiscovery(`pack ${name}`, { discovery, source, audiences, options });
  for (const each of sectionStatements(sections, source, scope)) options.noteStatement(each);
  return {
    name,
    platform,
    version,
    shard: declared.shard ?? 0,
    discovery,
    queries: readQueries(queries ?? {}, within(source, "queries"), { ...options, prefix, scope }),
    sections,
  };
}

function noteDiscovery(
  pack: string,
  parts: {
    readonly discovery: readonly string[];
    readonly source: ShapeSource;
    readonly audiences: StatementScope["audiences"];
    readonly options: PackOptions;
  },
): void {
  const { discovery, source, audiences, options } = parts;
  const position = source.positionOf(within(source, "discovery").path);
  for (const sql of discovery) {
    const subject = `discovery of ${pack}`;
    options.noteStatement({
      kind: "discovery",
      subject,
      sql,
      position,
      audiences,
      isDiscovered: false,
    });
  }
}

function readQueries(
  value: JsonValue,
  source: ShapeSource,
  options: QueryOptions,
): ScheduledQuery[] {
  if (!isObject(value)) {
    skip(source, `${source.path.join(".")} must be an object of queries by name, ignored.`);
    return [];
  }
  return Object.entries(value).flatMap(([name, query]) => {
    const inner = within(source, name);
    if (isBlank(name)) {
      skip(inner, "the name of a query is empty, skipped.");
      return [];
    }
    const reserved = reservedPart(name);
    if (reserved !== null) {
      skip(inner, `query name "${name}" is reserved (a name must not ${reserved}), skipped.`);
      return [];
    }
    const declared = checkShape(querySchema, withPlatformText(query), {
      source: inner,
      severity: "skip",
      coercion: "osquery",
      needed: triggerKeys,
    });
    if (declared === null) return [];
    const trigger = readTrigger(declared, inner, options.defaultInterval);
    if (trigger === null) return [];
    const made = scheduledQuery(options.prefix + name, declared, trigger);
    noteQuery(made, inner, options);
    if (options.takeName(made.name)) return [made];
    warn(inner, `query ${made.name} is declared twice; the first is used.`);
    return [];
  });
}

function noteQuery(query: ScheduledQuery, source: ShapeSource, options: QueryOptions): void {
  const { audiences, isDiscovered } = options.scope;
  options.noteStatement({
    kind: "query",
    subject: `query ${query.name}`,
    sql: query.sql,
    position: source.positionOf(within(source, "query").path),
    audiences: [...audiences, query],
    isDiscovered,
  });
}

/** Log lines and state are found by the name. */
const isBlank = (name: string) => name.trim() === "";

/** What of a name osquery's database uses itself; null for other names. */
function reservedPart(name: string): string | null {
  const prefix = ["query.", "cache.", "config_views."].find((each) => name.startsWith(each));
  if (prefix !== undefined) return `start with ${prefix}`;
  const suffix = ["epoch", "counter"].find((each) => name.endsWith(each));
  return suffix === undefined ? null : `end in ${suffix}`;
}

function scheduledQuery(
  name: string,
  declared: QueryDeclaration,
  trigger: Trigger,
): ScheduledQuery {
  return {
    name,
    sql: declared.query,
    description: declared.description ?? "",
    trigger,
    snapshot: declared.snapshot ?? false,
    removed: declared.removed ?? true,
    denylist: declared.denylist ?? true,
    incremental: declared.incremental ?? null,
    startupPriority: declared.startup_priority ?? null,
    platform: declared.platform ?? null,
    version: declared.version ?? null,
    shard: declared.shard ?? 0,
  };
}

function readTrigger(
  declared: QueryDeclaration,
  source: ShapeSource,
  defaultInterval: number,
): Trigger | null {
  warnOfTriggers(declared, source);
  if (declared.streaming === true) return { kind: "streaming" };
  if (declared.cron === undefined) {
    return { kind: "interval", seconds: declared.interval ?? defaultInterval };
  }
  const timezone = declared.timezone ?? "UTC";
  const problem = cronProblem(declared.cron, timezone);
  if (problem !== null) {
    skip(
      within(source, "cron"),
      `cron "${declared.cron}" (${timezone}) is not valid: ${problem}. The query is skipped.`,
    );
    return null;
  }
  return { kind: "cron", expression: declared.cron, timezone };
}

/** Of streaming, cron and interval the first that is given decides. */
function warnOfTriggers(declared: QueryDeclaration, source: ShapeSource): void {
  const { streaming, cron, interval, timezone } = declared;
  const chosen = streaming === true ? "streaming" : cron === undefined ? "interval" : "cron";
  const idle = [
    ...(chosen === "streaming" && cron !== undefined ? ["cron"] : []),
    ...(chosen !== "interval" && interval !== undefined ? ["interval"] : []),
  ];
  for (const key of idle) {
    warn(
      within(source, key),
      `${[...source.path, key].join(".")} has no effect together with ${chosen}.`,
    );
  }
  if (chosen !== "cron" && timezone !== undefined) {
    warn(within(source, "timezone"), `timezone has no effect without cron.`);
  }
}

function warn(source: ShapeSource, message: string): void {
  source.report({ severity: "warning", message, position: source.positionOf(source.path) });
}

function skip(source: ShapeSource, message: string): void {
  source.report({ severity: "skip", message, position: source.positionOf(source.path) });
}

/** Keys of osquery that have nothing to act on here. */
const withoutEffect: ReadonlyMap<string, string> = new Map([
  ["prometheus_targets", "there is no prometheus_metrics table"],
  ["kafka_topics", "there is no Kafka logger"],
  ["feature_vectors", "there is no powershell_events table"],
  ["logger", "configure loggers under auditql.log.loggers"],
  ["queries", "it is a key of packs; add this file under packs"],
]);

/** Warns about top-level keys that nothing reads. */
export function warnUnknownTopLevel(value: JsonObject, source: ShapeSource): void {
  const known = [...sectionNames, "options", "schedule", "packs", "auditql"];
  for (const key of Object.keys(value)) {
    const reason = withoutEffect.get(key);
    if (reason !== undefined) warn(within(source, key), `${key} has no effect: ${reason}.`);
    else if (!known.includes(key)) reportUnknownKey(within(source, key), known, "warning");
  }
}
