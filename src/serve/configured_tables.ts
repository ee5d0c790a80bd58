import type { UserTables } from "../config/user_tables.js";
import type { QueryRunner } from "../sql/query.js";

/** A table or view of the configuration, as far as it is known before it is read. */
export interface ConfiguredTable {
  readonly name: string;
  readonly kind: "state" | "view";
  readonly description: string;
  readonly columns: readonly string[];
}

/** The tables and views that the configuration adds, but those that cannot be used. */
export async function describeConfigured(
  { views, constructed }: UserTables,
  runner: QueryRunner,
): Promise<readonly ConfiguredTable[]> {
  const described = await Promise.all([
    ...constructed.map(({ name, path }) => describe({ name, kind: "state", source: path }, runner)),
    ...Object.entries(views).map(([name, source]) =>
      describe({ name, kind: "view", source }, runner),
    ),
  ]);
  return described.filter((table) => table !== null);
}

async function describe(
  { name, kind, source }: Pick<ConfiguredTable, "name" | "kind"> & { readonly source: string },
  runner: QueryRunner,
): Promise<ConfiguredTable | null> {
  try {
    const { columns } = await runner.inspect(`select * from "${name.replaceAll('"', '""')}"`);
    return { name, kind, description: `Of the configuration: ${source}`, columns };
  } catch {
    return null; // The daemon warned of it when it read the configuration.
  }
}
