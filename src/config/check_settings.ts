import { checkShape, type ShapeSource, within } from "./check_shape.js";
import type { ConfigFile } from "./config_file.js";
import type { Diagnostic } from "./diagnostic.js";
import type { FlagValues } from "./flag_values.js";
import { isObject, type JsonObject, type JsonValue } from "./json_document.js";
import { type Settings, settingsSchema } from "./settings_schema.js";

export interface SettingsParts {
  readonly files: readonly ConfigFile[];
  readonly flags: FlagValues;
  report(problem: Diagnostic): void;
}

/**
 * The `auditql` keys of all files joined, later files win, then the command line's settings. Null
 * when a value is invalid, which is reported.
 */
export function checkSettings(parts: SettingsParts): Settings | null {
  let isWrong = false;
  const report = (problem: Diagnostic) => {
    isWrong ||= problem.severity === "error";
    parts.report(problem);
  };
  const present = parts.files.flatMap(({ value, source }) => {
    const own = value["auditql"];
    return own === undefined ? [] : [{ own, source: { ...within(source, "auditql"), report } }];
  });
  // Each file is checked by itself, so that positions are its own.
  for (const { own, source } of present) {
    checkShape(settingsSchema, own, { source, severity: "error", coercion: "none" });
  }
  const fromFiles = present
    .map(({ own }) => own)
    .filter(isObject)
    .reduce<JsonObject>(mergeObjects, {});
  const fromFlags = parts.flags
    .settings()
    .map(({ path, text }) => nest(path, text))
    .reduce<JsonObject>(mergeObjects, {});
  const flagSource: ShapeSource = {
    path: [],
    positionOf: () => ({ file: "command line", line: 1, column: 1 }),
    report,
  };
  // The values of flags are text.
  const lenient = { severity: "error", coercion: "osquery" } as const;
  checkShape(settingsSchema, fromFlags, { source: flagSource, ...lenient });
  const joined: ShapeSource = {
    path: ["auditql"],
    positionOf: () => ({ file: parts.files[0]?.path ?? "", line: 1, column: 1 }),
    // What the parts have told already is not told again of their sum.
    report: isWrong ? () => {} : report,
  };
  const merged = mergeObjects(fromFiles, fromFlags);
  return checkShape(settingsSchema, merged, { source: joined, ...lenient });
}

function nest(path: readonly string[], value: JsonValue): JsonObject {
  return path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value) as JsonObject;
}

function mergeObjects(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const present = merged[key];
    merged[key] = isObject(present) && isObject(value) ? mergeObjects(present, value) : value;
  }
  return merged;
}
