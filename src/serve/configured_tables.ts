import type { UserTables } from "../config/user_tables.js";
import type { QueryRunner } from "../sql/query.js";
import { quotedName } from "../util/sql_tokens.js";

/** A table or view of the configuration, as far as it is known before it is read. */
export interface ConfiguredTable {
  readonly name: string;
  readonly kind: "state" | "view";
  readonly description: string;
  readonly columns: readonly string[];
}

type Inspector = Pick<QueryRunner, "inspect">;
type DescribeTables = (tables: UserTables) => Promise<readonly ConfiguredTable[]>;

/** Tells of the tables and views of a configuration, but those that cannot be used. Workers are
 * asked once for each configuration, and again while some cannot be told. */
export function configuredTables(runner: Inspector): DescribeTables {
  const known = new WeakMap<UserTables, readonly ConfiguredTable[]>();
  return async (tables) => {
    const before = known.get(tables);
    if (before !== undefined) return before;
    const { views, constructed } = tables;
    const described = await Promise.all([
      ...constructed.map(({ name, path }) =>
        describe({ name, kind: "state", source: path }, runner),
      ),
      ...Object.entries(views).map(([name, source]) =>
        describe({ name, kind: "view", source }, runner),
      ),
    ]);
    const found = described.filter((table) => table !== null);
    if (found.length === described.length) known.set(tables, found);
    return found;
  };
}

async function describe(
  { name, kind, source }: Pick<ConfiguredTable, "name" | "kind"> & { readonly source: string },
  runner: Inspector,
): Promise<ConfiguredTable | null> {
  try {
    const { columns } = await runner.inspect(`select * from ${quotedName(name)}`);
    return { name, kind, description: `Of the configuration: ${source}`, columns };
  } catch {
    return null; // The daemon warned of it when it read the configuration.
  }
}
