import { type JsonValue, valueAt } from "./json_document.js";

/** What is asked of a JSON Schema here. */
export interface ShapeNode {
  readonly required?: readonly string[];
  /** Schema of a member or item. */
  member(key: string): ShapeNode | undefined;
}

type Container = { [key: string]: JsonValue } | JsonValue[];

const isContainer = (value: unknown): value is Container =>
  typeof value === "object" && value !== null;

/**
 * Takes the value at a path out of `value`, or what holds it where it is required or one of the
 * `needed` keys of the root: then nothing is left.
 */
export function dropInvalid(
  value: JsonValue,
  path: readonly string[],
  { shape, needed }: { readonly shape: ShapeNode; readonly needed: readonly string[] },
): "left_out" | "gone" | "needed" {
  for (let length = path.length; length > 0; length--) {
    const parentPath = path.slice(0, length - 1);
    const key = path[length - 1] ?? "";
    const parent: unknown = valueAt(value, parentPath);
    const parentShape = parentPath.reduce<ShapeNode | undefined>(
      (at, each) => at?.member(each),
      shape,
    );
    const isNeeded =
      parentShape?.required?.includes(key) === true || (length === 1 && needed.includes(key));
    // It went with something that holds it.
    if (!isContainer(parent)) return "gone";
    if (isNeeded) continue;
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
    return "left_out";
  }
  return "needed";
}
