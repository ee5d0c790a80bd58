/** Functions that SQLite's extensions keep for themselves, or that are refused. */
const obscure =
  /^(fts|geopoly|rtree|sqlite_|jsonb|load_extension|matchinfo|offsets|optimize|snippet)/;

/** Tells the names of all functions, operators among them. https://www.sqlite.org/pragma.html */
export const functionListStatement = "select distinct name from pragma_function_list order by 1";

/** Whether a name of the list is a function that people may want to call. */
export function isOfferedFunction(name: string): boolean {
  return /^\w+$/.test(name) && !obscure.test(name);
}
