/** A JSON value, read-only. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

/** Whether a JSON value is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at these keys and indices; undefined where there is none. */
export function valueAt(
  value: JsonValue | undefined,
  path: readonly string[],
): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

/** A JSON text that is not JSON; `offset` is where. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** A parsed JSON text that remembers where each value stands. */
export interface JsonDocument {
  readonly value: JsonValue;
  /** Offset of the value at a path of keys; of the nearest parent that exists otherwise. */
  offsetOf(path: readonly string[]): number;
  /** Keys that an object has already, and where they stand again. */
  readonly repeatedKeys: readonly { readonly key: string; readonly offset: number }[];
}

/** osquery's depth limit. */
const maxDepth = 32;
const separator = "\u0000";

/**
 * Parses strict JSON. JSON.parse is not used because it knows no positions and because of equal
 * keys the first wins in osquery (rapidjson's FindMember), the last in JavaScript.
 */
export function parseJson(text: string): JsonDocument {
  const parser = new Parser(text);
  const value = parser.parse();
  const { offsets, repeatedKeys } = parser;
  return {
    value,
    repeatedKeys,
    offsetOf(path) {
      for (let length = path.length; length > 0; length--) {
        const offset = offsets.get(path.slice(0, length).join(separator));
        if (offset !== undefined) return offset;
      }
      return 0;
    },
  };
}

class Parser {
  readonly offsets = new Map<string, number>();
  readonly repeatedKeys: { key: string; offset: number }[] = [];
  readonly #text: string;
  readonly #path: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error("text after the end of the document");
    return value;
  }

  #value(): JsonValue {
    this.#skipSpace();
    if (this.#path.length > maxDepth) throw this.#error(`nested deeper than ${maxDepth} levels`);
    const next = this.#text[this.#at];
    if (next === "{") return this.#object();
    if (next === "[") return this.#array();
    if (next === '"') return this.#string();
    return this.#word();
  }

  #object(): JsonObject {
    this.#at++;
    const entries = new Map<string, JsonValue>();
    for (this.#skipSpace(); !this.#take("}"); this.#skipSpace()) {
      if (entries.size > 0) this.#expect(",", "a comma or }");
      this.#skipSpace();
      const start = this.#at;
      if (this.#text[start] !== '"') throw this.#error("expected a key in double quotes");
      const key = this.#string();
      this.#skipSpace();
      this.#expect(":", "a colon after the key");
      this.#path.push(key);
      const place = this.#path.join(separator);
      const first = !entries.has(key);
      if (first) this.offsets.set(place, start);
      else this.repeatedKeys.push({ key, offset: start });
      const value = this.#value();
      this.#path.pop();
      if (first) entries.set(key, value);
    }
    return Object.fromEntries(entries);
  }

  #array(): JsonValue[] {
    this.#at++;
    const items: JsonValue[] = [];
    for (this.#skipSpace(); !this.#take("]"); this.#skipSpace()) {
      if (items.length > 0) this.#expect(",", "a comma or ]");
      this.#skipSpace();
      this.#path.push(String(items.length));
      this.offsets.set(this.#path.join(separator), this.#at);
      items.push(this.#value());
      this.#path.pop();
    }
    return items;
  }

  #string(): string {
    const start = this.#at;
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined || character === "\n") {
        throw this.#error("the string is not closed on its line", start);
      }
      if (character < " ") throw this.#error("a tab or control character in a string; write \\t");
      if (character === "\\") this.#at++;
    }
    this.#at++;
    return this.#parsePiece(start);
  }

  #word(): JsonValue {
    const start = this.#at;
    const word = /^[^\s,:{}[\]"]*/.exec(this.#text.slice(start, start + 64))?.[0] ?? "";
    if (word === "") throw this.#error("expected a value");
    this.#at += word.length;
    if (!/^(true|false|null|-?\d[\d.eE+-]*)$/.test(word)) {
      throw this.#error(`${word} is not a JSON value`, start);
    }
    return this.#parsePiece(start);
  }

  /** Strings and numbers are left to JSON.parse, which is right about escapes. */
  #parsePiece<T extends JsonValue>(start: number): T {
    try {
      const value: T = JSON.parse(this.#text.slice(start, this.#at));
      return value;
    } catch {
      throw this.#error("not a valid JSON string or number", start);
    }
  }

  #skipSpace(): void {
    while (/^[ \t\r\n]$/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string, what: string): void {
    if (!this.#take(character)) throw this.#error(`expected ${what}`);
  }

  #error(message: string, offset = this.#at): JsonSyntaxError {
    return new JsonSyntaxError(message, offset);
  }
}
