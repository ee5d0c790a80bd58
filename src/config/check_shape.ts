import type { Static, TSchema } from "typebox";
import { Settings } from "typebox/system";
import Value from "typebox/value";
import { didYouMean } from "../util/closest_name.js";
import type { Diagnostic, Position } from "./diagnostic.js";
import { dropInvalid, type ShapeNode } from "./drop_invalid.js";
import { isObject, type JsonObject, type JsonValue, valueAt } from "./json_document.js";

/** A place in the configuration that values are read from. */
export interface ShapeSource {
  /** Keys from the root of the file. */
  readonly path: readonly string[];
  positionOf(path: readonly string[]): Position;
  report(problem: Diagnostic): void;
}

/** What this module needs to know of a JSON Schema. */
interface SchemaNode {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** Enough for a section in which every value is wrong; bounds the memory of a hostile one. */
const mostErrors = 10_000;

/** What of a value does not fit a schema. */
interface Misfit {
  readonly keys: readonly string[];
  readonly message: string;
}

export interface ShapeOptions {
  readonly source: ShapeSource;
  /** Of what does not fit. With `error` an unknown key is an error too, else a warning. */
  readonly severity: "error" | "skip";
  /** Keys without which the whole value says something else. */
  readonly needed?: readonly string[];
  /**
   * `osquery`: numbers and booleans may be text, and booleans numbers. `none`: auditql's own
   * settings, where a value of another type is an error. Text is never made of a number.
   */
  readonly coercion: "osquery" | "none";
}

/**
 * Reads a value as a schema says, with osquery's leniency where `coercion` asks for it. Each value that
 * does not fit is reported as `severity`. With `skip` it is left out alone where the rest can do
 * without it. Null when nothing is left, which is never without a reported problem.
 */
export function checkShape<Schema extends TSchema>(
  schema: Schema,
  value: JsonValue,
  options: ShapeOptions,
): Static<Schema> | null {
  const { severity, needed = [] } = options;
  const node = schema as SchemaNode;
  const filled = structuredClone(Value.Default(schema, coerce(node, value, options)) as JsonValue);
  while (!Value.Check(schema, filled)) {
    const misfits = misfitsOf(schema, { node, value: filled });
    reportMisfits({ node, value: filled }, misfits, options);
    if (severity === "error") return null;
    // The last first: what is taken out of a list moves what follows.
    const left = misfits
      .toReversed()
      .map(({ keys }) => dropInvalid(filled, keys, { shape: shapeOf(node), needed }));
    if (left.includes("needed") || !left.includes("left_out")) return null;
  }
  return filled as Static<Schema>;
}

/** The value of an object of which nothing is set. Throws when a schema has a key without a default. */
export function defaultsOf<Schema extends TSchema>(schema: Schema): Static<Schema> {
  return Value.Parse(schema, Value.Default(schema, {}));
}

/** A value, and the schema that it is read by. */
interface Read {
  readonly node: SchemaNode;
  readonly value: JsonValue;
}

function reportMisfits(
  read: Read,
  misfits: readonly Misfit[],
  { source, severity }: ShapeOptions,
): void {
  for (const { keys, message } of misfits) {
    const path = [...source.path, ...keys];
    const text = explain(message, { ...read, keys });
    source.report({
      severity,
      message: `${path.join(".")} ${text}`,
      position: source.positionOf(path),
    });
  }
}

/** The first misfit of each place; at least one. */
function misfitsOf(schema: TSchema, { node, value }: Read): readonly Misfit[] {
  const byPlace = new Map<string, Misfit>();
  const errors = errorsOf(schema, value);
  const outer = new Set(errors.flatMap(({ instancePath }) => pathsAbove(instancePath)));
  for (const { instancePath, message } of errors) {
    const keys = keysOf(instancePath);
    const choices = typedChoices(keys.reduce<SchemaNode | undefined>(memberOf, node));
    const fitting = choices.some(({ type }) => isOfType(valueAt(value, keys), type));
    // A value of the type of one choice does not have to be of the types of the others.
    if (fitting && (typeMessage.test(message) || outer.has(instancePath))) continue;
    if (!byPlace.has(instancePath)) {
      const types = choices.map(({ type }) => type).join(" or ");
      byPlace.set(instancePath, {
        keys,
        message: types === "" || fitting ? message : `must be ${types}`,
      });
    }
  }
  const unnamed = { keys: [], message: "does not match its schema" };
  return byPlace.size > 0 ? [...byPlace.values()] : [unnamed];
}

/** The choices of a union, if each has a type; none for a union of words. */
function typedChoices(node: SchemaNode | undefined): readonly SchemaNode[] {
  const choices = node?.anyOf ?? [];
  return choices.every((choice) => choice.type !== undefined && !("const" in choice))
    ? choices
    : [];
}

/** The places that contain the one at `path`. */
function pathsAbove(path: string): readonly string[] {
  const keys = path.split("/");
  return keys.slice(0, -1).map((_, index) => keys.slice(0, index + 1).join("/"));
}

/** The validator stops after eight errors by default; a union of twelve words makes thirteen. */
function errorsOf(schema: TSchema, value: JsonValue) {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: mostErrors });
  try {
    return Value.Errors(schema, value);
  } finally {
    Settings.Set({ maxErrors });
  }
}

/** Of a JSON pointer (RFC 6901, 4). */
function keysOf(pointer: string): readonly string[] {
  const keys = pointer.split("/").slice(1);
  return keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function memberOf(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  const own = node?.properties;
  if (own !== undefined && Object.hasOwn(own, key)) return own[key];
  const item = recordItem(node) ?? node?.items;
  if (item !== undefined) return item;
  return node?.anyOf?.map((choice) => memberOf(choice, key)).find((found) => found !== undefined);
}

function shapeOf(node: SchemaNode): ShapeNode {
  return {
    required: node.required ?? [],
    member: (key) => {
      const member = memberOf(node, key);
      return member && shapeOf(member);
    },
  };
}

function explain(message: string, place: Read & { readonly keys: readonly string[] }): string {
  const { node, value, keys } = place;
  // JSON Schema's way of saying that additionalProperties are forbidden.
  if (message === "schema is false") {
    const parent = keys.slice(0, -1).reduce<SchemaNode | undefined>(memberOf, node);
    return `is an unknown key.${didYouMean(keys.at(-1) ?? "", propertyNames(parent))}`;
  }
  const words = allowedWords(keys.reduce<SchemaNode | undefined>(memberOf, node));
  if (words.length > 0) return `must be one of ${words.join(", ")}.`;
  // Only the type of the value: it may be a secret.
  if (!typeMessage.test(message)) return `${message}.`;
  return `${message}, not ${typeName(valueAt(value, keys))}.`;
}

const types = "(?:array|boolean|integer|null|number|object|string)";
const typeMessage = new RegExp(`^must be ${types}(?: or ${types})*$`);

function isOfType(value: JsonValue | undefined, type: string | undefined): boolean {
  return type === "integer" ? Number.isInteger(value) : typeName(value) === type;
}

/** As JSON Schema names the types. */
function typeName(value: JsonValue | undefined): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function propertyNames(node: SchemaNode | undefined): readonly string[] {
  return [...Object.keys(node?.properties ?? {}), ...(node?.anyOf ?? []).flatMap(propertyNames)];
}

function allowedWords(node: SchemaNode | undefined): readonly string[] {
  return (node?.anyOf ?? []).flatMap((choice) => ("const" in choice ? [String(choice.const)] : []));
}

function recordItem(node: SchemaNode | undefined): SchemaNode | undefined {
  return node?.patternProperties && Object.values(node.patternProperties)[0];
}

function coerce(schema: SchemaNode, value: JsonValue, options: ShapeOptions): JsonValue {
  if (schema.type === "object" && isObject(value)) return coerceObject(schema, value, options);
  if (schema.type === "array" && schema.items !== undefined && Array.isArray(value)) {
    const { items } = schema;
    return value.map((item, index) => coerce(items, item, inside(options, String(index))));
  }
  if (options.coercion === "none") return value;
  if (schema.type === "boolean") return osqueryBoolean(value);
  if (schema.type === "integer" || schema.type === "number") return osqueryNumber(value);
  return value;
}

function coerceObject(schema: SchemaNode, value: JsonObject, options: ShapeOptions): JsonObject {
  const item = recordItem(schema);
  const known = schema.properties;
  // A schema that names no keys takes all.
  if (item === undefined && known === undefined) return value;
  const entries: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const node = item ?? (known && Object.hasOwn(known, key) ? known[key] : undefined);
    const inner = inside(options, key);
    if (node !== undefined) entries.push([key, coerce(node, member, inner)]);
    else reportUnknownKey(inner.source, Object.keys(known ?? {}), severityOfUnknown(options));
  }
  return Object.fromEntries(entries);
}

const inside = (options: ShapeOptions, key: string): ShapeOptions => ({
  ...options,
  source: within(options.source, key),
});

const severityOfUnknown = ({ severity }: ShapeOptions) =>
  severity === "error" ? "error" : "warning";

/** Reports a key that nothing reads. */
export function reportUnknownKey(
  source: ShapeSource,
  known: readonly string[],
  severity: "error" | "warning",
): void {
  const key = source.path.at(-1) ?? "";
  const parent = source.path.slice(0, -1).join(".");
  const place = parent === "" ? "" : ` in ${parent}`;
  const outcome = severity === "error" ? "." : ", ignored.";
  source.report({
    severity,
    message: `unknown key "${key}"${place}${outcome}${didYouMean(key, known)}`,
    position: source.positionOf(source.path),
  });
}

/** The same source, one key further down. */
export function within(source: ShapeSource, ...keys: readonly string[]): ShapeSource {
  return {
    path: [...source.path, ...keys],
    positionOf: source.positionOf,
    report: source.report,
  };
}

/** osquery's JSON::valueToBool: true, "true" or "t" in any case, and numbers other than 0. */
export function osqueryBoolean(value: JsonValue): JsonValue {
  if (typeof value === "number") return value !== 0;
  if (typeof value !== "string") return value;
  const word = value.trim().toLowerCase();
  if (["true", "t", "1", "yes", "y"].includes(word)) return true;
  return ["false", "f", "0", "no", "n", ""].includes(word) ? false : value;
}

function osqueryNumber(value: JsonValue): JsonValue {
  if (typeof value !== "string" || !/^\s*-?\d+(\.\d+)?\s*$/.test(value)) return value;
  return Number(value);
}
