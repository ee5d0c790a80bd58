import type { ShapeSource } from "./check_shape.js";
import type { Position } from "./diagnostic.js";
import { isObject, type JsonValue } from "./json_document.js";

/**
 * Where values of the joined configuration stand: in the files, and in the packs that add to them.
 * A later part wins, as it does where they are joined.
 */
export class ValuePlaces {
  readonly #parts: { readonly value: JsonValue; readonly source: ShapeSource }[] = [];

  /** `source` is the place of `value`. */
  note(value: JsonValue, source: ShapeSource): void {
    this.#parts.push({ value, source });
  }

  /**
   * Where the value at these keys stands; null where no part has it, as one that a flag sets. Lists
   * of several parts are joined, so that an item is named by its text where its index is not known.
   */
  positionOf(keys: readonly string[]): Position | null {
    for (const { value, source } of this.#parts.toReversed()) {
      const path = pathIn(value, keys);
      if (path !== null) return source.positionOf([...source.path, ...path]);
    }
    return null;
  }
}

/** The keys with the index of each item that is named by its text; null where there is no value. */
function pathIn(value: JsonValue | undefined, keys: readonly string[]): readonly string[] | null {
  const [key, ...rest] = keys;
  if (value === undefined) return null;
  if (key === undefined) return [];
  const own = ownKey(value, key);
  const below = own === null ? null : pathIn(Reflect.get(Object(value), own), rest);
  return own === null || below === null ? null : [own, ...below];
}

function ownKey(value: JsonValue, key: string): string | null {
  if (isObject(value)) return Object.hasOwn(value, key) ? key : null;
  if (!Array.isArray(value)) return null;
  const index = value.indexOf(key);
  return index === -1 ? key : String(index);
}
