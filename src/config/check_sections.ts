import { checkShape, type ShapeSource, within } from "./check_shape.js";
import type { Decorators, Pack } from "./config.js";
import { type SectionName, type Sections, sectionSchemas } from "./file_schema.js";
import type { JsonObject } from "./json_document.js";
import { platformMatches } from "./platform.js";

/** Keys that osquery's config parsers read, in files and in packs. */
export const sectionNames: readonly string[] = Object.keys(sectionSchemas);

const isSectionName = (key: string): key is SectionName => sectionNames.includes(key);

/** Sections of a file or pack; those that do not fit are reported and left out. */
export function checkSections(value: JsonObject, source: ShapeSource): Sections {
  const entries = Object.keys(value).flatMap((key) => {
    const member = value[key];
    if (!isSectionName(key) || member === undefined) return [];
    const shape = checkShape(sectionSchemas[key], member, {
      source: within(source, key),
      severity: "skip",
      coercion: "osquery",
    });
    return shape === null ? [] : [[key, shape]];
  });
  // Each entry was checked against the schema of its own name.
  return Object.fromEntries(entries) as Sections;
}

/** Sections of several files: objects are joined, lists appended. */
export function mergeSections(all: readonly Sections[]): Sections {
  return all.reduce<Sections>((merged, next) => mergeValue(merged, next) as Sections, {});
}

/** Sections of the files and of the packs that are for this platform, as osquery joins them. */
export function withPacks(sections: Sections, packs: readonly Pack[]): Sections {
  const active = packs.filter(({ platform }) => platformMatches(platform));
  return mergeSections([sections, ...active.map((pack) => pack.sections)]);
}

function mergeValue(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (!isRecord(a) || !isRecord(b)) return b;
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    merged[key] = Object.hasOwn(merged, key) ? mergeValue(merged[key], value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Decorators of the merged sections; intervals that osquery would not run are reported. */
export function readDecorators(
  sections: Sections,
  warn: (message: string, keys: readonly string[]) => void,
): Decorators {
  const { decorators } = sections;
  const interval = Object.entries(decorators?.interval ?? {}).flatMap(([key, queries]) => {
    const seconds = Number(key);
    if (Number.isInteger(seconds) && seconds > 0 && seconds % 60 === 0) {
      return [{ seconds, queries }];
    }
    const path = ["decorators", "interval", key];
    warn(`${path.join(".")} must be a number of seconds divisible by 60, skipped.`, path);
    return [];
  });
  return { load: decorators?.load ?? [], always: decorators?.always ?? [], interval };
}
