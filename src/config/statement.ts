import { type ShapeSource, within } from "./check_shape.js";
import type { Audience } from "./config.js";
import type { Position } from "./diagnostic.js";
import type { Sections } from "./file_schema.js";

/** What a statement is for. */
export type StatementKind =
  | "query"
  | "discovery"
  | "decorator"
  | "view"
  | "file_paths_query"
  /** Runs in databases of other programs (auto_table_construction). */
  | "constructed";

/** Hosts on which a statement runs. */
export interface StatementScope {
  /** Of what it stands in: a pack, a query of a pack. It runs where all of them do. */
  readonly audiences: readonly Pick<Audience, "platform" | "version">[];
  /** Whether the discovery of its pack may keep it from running. */
  readonly isDiscovered: boolean;
}

/** One SQL statement of the configuration, and where it stands. */
export interface ConfiguredStatement extends StatementScope {
  readonly kind: StatementKind;
  /** As messages name it, such as `query pack_processes_executions`. */
  readonly subject: string;
  readonly sql: string;
  readonly position: Position;
}

/** What stands in the file itself runs everywhere. */
export const everywhere: StatementScope = { audiences: [], isDiscovered: false };

/** The statements of the sections of a file or pack. */
export function sectionStatements(
  sections: Sections,
  source: ShapeSource,
  scope: StatementScope,
): readonly ConfiguredStatement[] {
  const at = (kind: StatementKind, subject: string, sql: string, keys: readonly string[]) => ({
    ...scope,
    kind,
    subject,
    sql,
    position: source.positionOf(within(source, ...keys).path),
  });
  const { decorators, views, file_paths_query: paths, auto_table_construction: tables } = sections;
  const decorator = (queries: readonly string[] | undefined, ...keys: readonly string[]) =>
    (queries ?? []).map((sql, index) =>
      at("decorator", `decorator "${sql}"`, sql, ["decorators", ...keys, String(index)]),
    );
  return [
    ...decorator(decorators?.load, "load"),
    ...decorator(decorators?.always, "always"),
    ...Object.entries(decorators?.interval ?? {}).flatMap(([seconds, queries]) =>
      decorator(queries, "interval", seconds),
    ),
    ...Object.entries(views ?? {}).map(([name, sql]) =>
      at("view", `view ${name}`, sql, ["views", name]),
    ),
    ...Object.entries(paths ?? {}).flatMap(([name, queries]) =>
      queries.map((sql, index) =>
        at("file_paths_query", `file_paths_query ${name}`, sql, [
          "file_paths_query",
          name,
          String(index),
        ]),
      ),
    ),
    ...Object.entries(tables ?? {}).map(([name, { query, platform }]) => ({
      ...at("constructed", `table ${name}`, query, ["auto_table_construction", name, "query"]),
      audiences: [...scope.audiences, { platform: platform ?? null, version: null }],
    })),
  ];
}
