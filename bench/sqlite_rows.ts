import Database from "better-sqlite3";

/** Same columns as in the comparisons of inserts. */
export function createIndexes(database: Database.Database): void {
  database.exec("CREATE INDEX by_pid ON process_rows (pid)");
  database.exec("CREATE INDEX by_time ON process_rows (time)");
}

/** An in-memory database with the rows of a file, indexed and analyzed. */
export function loadIntoMemory(file: string): Database.Database {
  const database = new Database(":memory:");
  database.prepare("ATTACH ? AS source").run(file);
  const definition = database
    .prepare("SELECT sql FROM source.sqlite_master WHERE name = 'process_rows'")
    .pluck()
    .get();
  database.exec(String(definition));
  database.exec("INSERT INTO process_rows SELECT * FROM source.process_rows");
  database.exec("DETACH source");
  createIndexes(database);
  database.exec("ANALYZE");
  return database;
}

/** Bytes of all pages, indexes included. */
export function databaseBytes(database: Database.Database): number {
  const number = (pragma: string) => Number(database.pragma(pragma, { simple: true }));
  return (number("page_count") - number("freelist_count")) * number("page_size");
}
