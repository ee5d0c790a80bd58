import { readCells } from "../../client/row_cells.js";
import type { ShellSession } from "../shell_session.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const typesCommand = defineMetaCommand({
  name: "types",
  aliases: [],
  operands: "[SQL]",
  completes: "sql",
  description: "Show the type of each column of a statement; without SQL, of the last one.",
  details: `A table's column has its declared type. An expression has the type of its value in the first
row, or UNKNOWN when that value is NULL or the result is empty.`,
  examples: [".types select pid, path, count(*) from process_events"],
  async run(session, _args, rest) {
    const sql = rest === "" ? session.lastSql : rest.replace(/;\s*$/, "");
    if (sql === null) throw wrongUse(".types SQL");
    const types = await typesOf(session, sql);
    const writer = session.settings.format.start(session.output.formatOptions());
    const rows = types.map(([name, type]) => writer.row(JSON.stringify({ name, type })));
    await session.output.printLong(rows.join("") + writer.end(["name", "type"]));
  },
});

type TypedColumn = readonly [name: string, type: string];

async function typesOf(session: ShellSession, sql: string): Promise<readonly TypedColumn[]> {
  const { columns, types } = (await session.ask(sql, 1)).outcome;
  const found = types.includes(null) ? await typesOfValues(session, sql, columns.length) : [];
  return columns.map((name, at) => [name, types[at] ?? found[at] ?? "UNKNOWN"]);
}

/** SQLite's names for the types of values, as tables declare them. */
const declared: ReadonlyMap<string | null, string> = new Map([
  ["integer", "INTEGER"],
  ["real", "DOUBLE"],
  ["text", "TEXT"],
  ["blob", "BLOB"],
]);

async function typesOfValues(session: ShellSession, sql: string, columns: number) {
  // Numbered, as columns may have the same name.
  const names = Array.from({ length: columns }, (_, at) => `c${at}`);
  const asked = names.map((name) => `typeof(${name}) as ${name}`);
  const { rows } = await session.ask(
    `with result(${names.join()}) as (${sql}\n) select ${asked.join()} from result limit 1`,
  );
  return readCells(rows[0] ?? "{}").map(({ text }) => declared.get(text));
}
