import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import { didYouMean } from "../util/closest_name.js";
import { eventTableNames } from "./event_retention.js";

const tableNames: readonly string[] = Object.keys(tableSchemas);

/** Names of tables in the configuration that no table has: what is set for them holds nowhere. */
export function checkTables(config: Config): readonly StageProblem[] {
  const { settings, userTables, sections } = config;
  const { enable_subscribers: on = [], disable_subscribers: off = [] } = sections.events ?? {};
  const constructed = userTables.constructed.map(({ name }) => name);
  const known = [...tableNames, ...constructed, ...Object.keys(userTables.views)];
  return [
    ...Object.keys(settings.tables)
      .filter((name) => !eventTableNames.includes(name))
      .map(unboundTable),
    ...unknown(userTables.disabled, known, ["options", "disable_tables"]),
    ...unknown(on, eventTableNames, ["events", "enable_subscribers"]),
    ...unknown(off, eventTableNames, ["events", "disable_subscribers"]),
  ];
}

function unboundTable(name: string): StageProblem {
  const reason = tableNames.includes(name)
    ? "does not store events, so it has no limits."
    : `does not exist.${didYouMean(name, eventTableNames)}`;
  return {
    severity: "error",
    code: "config_broken",
    keys: ["auditql", "tables", name],
    message: `auditql.tables.${name}: the table ${name} ${reason}`,
  };
}

/** osquery takes any name: files name tables of other platforms too. */
function unknown(
  names: readonly string[],
  known: readonly string[],
  keys: readonly string[],
): readonly StageProblem[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      severity: "warning",
      code: "config_broken",
      keys,
      message: `${keys.join(".")}: unknown table ${name}, ignored.${didYouMean(name, known)}`,
    }));
}
