import type { Host } from "../host.js";

/** A JSON document; null for a file that is absent or broken, which a browser may be writing. */
export function readJson(host: Host, path: string): unknown {
  const text = host.readText(path);
  if (text === null) return null;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Entries of an object; none for anything else. */
export function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** Value of a member of nested objects; undefined when one is missing. */
export function memberOf(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, name)) {
      return undefined;
    }
    current = Object.entries(current).find(([key]) => key === name)?.[1];
  }
  return current;
}

/** A member as text: strings, numbers and booleans; null for all else. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const member = memberOf(value, ...path);
  return ["string", "number", "boolean"].includes(typeof member) ? String(member) : null;
}

/** A member as a whole number; null for all else. */
export function integerAt(value: unknown, ...path: readonly string[]): number | null {
  const member = memberOf(value, ...path);
  return typeof member === "number" && Number.isSafeInteger(member) ? member : null;
}

/** 1 for a member that is true, 0 otherwise. */
export function flagAt(value: unknown, ...path: readonly string[]): number {
  return memberOf(value, ...path) === true ? 1 : 0;
}

/** Elements of a member that is a list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const member = memberOf(value, ...path);
  return Array.isArray(member) ? member : [];
}

/** Strings of a member that is a list. */
export function stringsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((each) => typeof each === "string");
}
