/** `max_file_bytes` as `maxFileBytes`. */
type CamelName<Name> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelName<Rest>>}`
  : Name;

/** A value whose objects, at any depth, have the names of their members in camelCase. */
export type CamelKeys<Value> = Value extends readonly (infer Item)[]
  ? readonly CamelKeys<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value as CamelName<Name>]: CamelKeys<Value[Name]> }
    : Value;

/** Settings as the code names them. Not for objects whose keys are a user's own words. */
export function camelKeys<Value>(value: Value): CamelKeys<Value>;
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => camelKeys(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [camelName(name), camelKeys(member)]),
  );
}

/** `max_file_bytes` as `maxFileBytes`. */
export function camelName(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
