import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import { didYouMean } from "./closest_name.js";
import { isObject, type JsonObject, type JsonValue } from "./json_document.js";
import { leaveOut, type ShapeNode } from "./leave_out.js";
import type { Position, Problem } from "./problem.js";

/** A place in the configuration that values are read from. */
export interface ShapeSource {
  /** Keys from the root of the file. */
  readonly path: readonly string[];
  positionOf(path: readonly string[]): Position;
  report(problem: Problem): void;
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

export interface ReadOptions {
  readonly source: ShapeSource;
  readonly severity: Problem["severity"];
  /** Keys without which the whole value says something else. */
  readonly needed?: readonly string[];
}

/**
 * Reads a value as a schema says, with osquery's leniency: numbers and booleans may be strings.
 * Unknown keys are warned about and left out. What does not fit is reported as `severity`; with
 * warnings it is left out alone, where the rest can do without it. Null when nothing is left.
 */
export function readShape<Schema extends TSchema>(
  schema: Schema,
  value: JsonValue,
  options: ReadOptions,
): Static<Schema> | null {
  const { source, severity, needed = [] } = options;
  const node = schema as SchemaNode;
  const filled = structuredClone(Value.Default(schema, coerce(node, value, source)) as JsonValue);
  while (!Value.Check(schema, filled)) {
    const misfits = misfitsOf(schema, filled);
    for (const { keys, message } of misfits) {
      const path = [...source.path, ...keys];
      const text = explain(message, allowedWords(node, keys));
      const position = source.positionOf(path);
      source.report({ severity, message: `${path.join(".")} ${text}`, position });
    }
    if (severity === "error") return null;
    // The last first: what is taken out of a list moves what follows.
    const left = misfits
      .toReversed()
      .map(({ keys }) => leaveOut(filled, keys, { shape: shapeOf(node), needed }));
    if (left.includes("needed") || !left.includes("left_out")) return null;
  }
  return filled as Static<Schema>;
}

/** The first misfit of each place. */
function misfitsOf(schema: TSchema, value: JsonValue) {
  const seen = new Set<string>();
  const misfits: { readonly keys: readonly string[]; readonly message: string }[] = [];
  for (const { instancePath, keyword, message } of Value.Errors(schema, value)) {
    if (seen.has(instancePath) || keyword === "const") continue;
    seen.add(instancePath);
    misfits.push({ keys: keysOf(instancePath), message });
  }
  return misfits;
}

/** Of a JSON pointer (RFC 6901, 4). */
function keysOf(pointer: string): readonly string[] {
  const keys = pointer.split("/").slice(1);
  return keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const memberOf = (node: SchemaNode | undefined, key: string): SchemaNode | undefined =>
  node?.properties?.[key] ?? recordItem(node) ?? node?.items;

function shapeOf(node: SchemaNode): ShapeNode {
  return {
    required: node.required ?? [],
    member: (key) => {
      const member = memberOf(node, key);
      return member && shapeOf(member);
    },
  };
}

function explain(message: string, words: readonly string[]): string {
  // JSON Schema's way of saying that additionalProperties are forbidden.
  if (message === "schema is false") return "is not a known key.";
  return words.length > 0 ? `must be one of ${words.join(", ")}.` : `${message}.`;
}

function allowedWords(schema: SchemaNode, keys: readonly string[]): string[] {
  const node = keys.reduce<SchemaNode | undefined>(memberOf, schema);
  return (node?.anyOf ?? []).flatMap((choice) => ("const" in choice ? [String(choice.const)] : []));
}

function recordItem(node: SchemaNode | undefined): SchemaNode | undefined {
  return node?.patternProperties && Object.values(node.patternProperties)[0];
}

function coerce(schema: SchemaNode, value: JsonValue, source: ShapeSource): JsonValue {
  if (schema.type === "object" && isObject(value)) return coerceObject(schema, value, source);
  if (schema.type === "array" && schema.items !== undefined && Array.isArray(value)) {
    const { items } = schema;
    return value.map((item, index) => coerce(items, item, within(source, String(index))));
  }
  if (schema.type === "boolean") return osqueryBoolean(value);
  if (schema.type === "integer" || schema.type === "number") return osqueryNumber(value);
  if (schema.type === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return String(value);
  }
  return value;
}

function coerceObject(schema: SchemaNode, value: JsonObject, source: ShapeSource): JsonObject {
  const item = recordItem(schema);
  const known = schema.properties ?? {};
  const entries: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    const node = item ?? (Object.hasOwn(known, key) ? known[key] : undefined);
    const inner = within(source, key);
    if (node === undefined) reportUnknownKey(inner, Object.keys(known));
    else entries.push([key, coerce(node, member, inner)]);
  }
  return Object.fromEntries(entries);
}

/** Warns about a key that nothing reads. */
export function reportUnknownKey(source: ShapeSource, known: readonly string[]): void {
  const key = source.path.at(-1) ?? "";
  const parent = source.path.slice(0, -1).join(".");
  source.report({
    severity: "warning",
    message: `unknown key "${key}"${parent === "" ? "" : ` in ${parent}`}, ignored.${didYouMean(key, known)}`,
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
