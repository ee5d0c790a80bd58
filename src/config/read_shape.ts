import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import { didYouMean } from "./closest_name.js";
import { isObject, type JsonObject, type JsonValue } from "./json_document.js";
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
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/**
 * Reads a value as a schema says, with osquery's leniency: numbers and booleans may be strings.
 * Unknown keys are warned about and left out. Null when the value does not fit; the reasons are
 * then reported as `severity`.
 */
export function readShape<Schema extends TSchema>(
  schema: Schema,
  value: JsonValue,
  options: { readonly source: ShapeSource; readonly severity: Problem["severity"] },
): Static<Schema> | null {
  const { source, severity } = options;
  const lenient = coerce(schema as SchemaNode, value, source);
  const filled = Value.Default(schema, lenient);
  if (Value.Check(schema, filled)) return filled as Static<Schema>;
  const seen = new Set<string>();
  for (const error of Value.Errors(schema, filled)) {
    if (seen.has(error.instancePath) || error.keyword === "const") continue;
    seen.add(error.instancePath);
    const path = [...source.path, ...error.instancePath.split("/").slice(1)];
    source.report({
      severity,
      message: `${path.join(".")} ${explain(error.message, allowedWords(schema as SchemaNode, error.instancePath))}`,
      position: source.positionOf(path),
    });
  }
  return null;
}

function explain(message: string, words: readonly string[]): string {
  // JSON Schema's way of saying that additionalProperties are forbidden.
  if (message === "schema is false") return "is not a known key.";
  return words.length > 0 ? `must be one of ${words.join(", ")}.` : `${message}.`;
}

function allowedWords(schema: SchemaNode, instancePath: string): string[] {
  let node: SchemaNode | undefined = schema;
  for (const key of instancePath.split("/").slice(1)) {
    node = node?.properties?.[key] ?? recordItem(node) ?? node?.items;
  }
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
