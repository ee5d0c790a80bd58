import Type from "typebox";
import { settingsSchema } from "./settings_schema.js";

/** One scheduled query, as written. */
export const querySchema = Type.Object({
  query: Type.String({ minLength: 1, description: "SQL statement." }),
  interval: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 604_800,
      description: "Interval between runs, in seconds. Default: schedule_default_interval.",
    }),
  ),
  cron: Type.Optional(
    Type.String({
      description: "crontab(5) times to run at, instead of an interval, for example */5 * * * *.",
    }),
  ),
  timezone: Type.Optional(Type.String({ description: "IANA time zone of cron. Default: UTC." })),
  streaming: Type.Optional(
    Type.Boolean({ description: "Run when new events arrive, instead of at an interval." }),
  ),
  snapshot: Type.Optional(Type.Boolean({ description: "Log all rows instead of changes." })),
  removed: Type.Optional(Type.Boolean({ description: "Log removed rows. Default: true." })),
  platform: Type.Optional(
    Type.String({ description: "Platforms to run on: linux, posix, any, ..." }),
  ),
  version: Type.Optional(Type.String({ description: "Minimum osquery version." })),
  shard: Type.Optional(
    Type.Integer({ minimum: 0, description: "Percentage of hosts that run it." }),
  ),
  denylist: Type.Optional(
    Type.Boolean({
      description:
        "Disable the query for 24 hours after a run was killed for exceeding its limits.",
    }),
  ),
  startup_priority: Type.Optional(
    Type.Integer({ description: "Also run at startup, in this order." }),
  ),
  incremental: Type.Optional(
    Type.Union([Type.Literal("by_event"), Type.Literal("by_result")], {
      description:
        "How a query over event tables selects new events. Default: depends on its statement.",
    }),
  ),
  description: Type.Optional(Type.String()),
  value: Type.Optional(Type.String()),
});

/** A pack of queries, as written. */
export const packSchema = Type.Object({
  queries: Type.Optional(Type.Record(Type.String(), querySchema)),
  platform: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  shard: Type.Optional(Type.Integer({ minimum: 0 })),
  discovery: Type.Optional(
    Type.Array(Type.Unknown(), {
      description: "Discovery queries. The pack is active while each of them returns a row.",
    }),
  ),
  oncall: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
});

const lists = Type.Record(Type.String(), Type.Array(Type.String()));

/** Keys of a file that parts of auditql outside the schedule read; also honoured inside packs. */
export const sectionSchemas = {
  decorators: Type.Object({
    load: Type.Optional(Type.Array(Type.String())),
    always: Type.Optional(Type.Array(Type.String())),
    interval: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
  }),
  file_paths: lists,
  file_paths_query: lists,
  file_accesses: Type.Array(Type.String()),
  exclude_paths: lists,
  yara: Type.Object({
    signatures: Type.Optional(lists),
    file_paths: Type.Optional(lists),
    signature_urls: Type.Optional(Type.Array(Type.String())),
  }),
  views: Type.Record(Type.String(), Type.String()),
  auto_table_construction: Type.Record(
    Type.String(),
    Type.Object({
      query: Type.String(),
      path: Type.String(),
      columns: Type.Array(Type.String()),
      platform: Type.Optional(Type.String()),
    }),
  ),
  events: Type.Object({
    enable_subscribers: Type.Optional(Type.Array(Type.String())),
    disable_subscribers: Type.Optional(Type.Array(Type.String())),
  }),
} as const;

/** Name of a section that is read beside schedule, packs and options. */
export type SectionName = keyof typeof sectionSchemas;

/** Sections of one file or pack that are present and valid. */
export type Sections = {
  readonly [Name in SectionName]?: Type.Static<(typeof sectionSchemas)[Name]>;
};

const optional = Object.fromEntries(
  Object.entries(sectionSchemas).map(([name, schema]) => [name, Type.Optional(schema)]),
);

/** A whole configuration file, for editors and for other tools. */
export const fileSchema = Type.Object(
  {
    options: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    schedule: Type.Optional(Type.Record(Type.String(), querySchema)),
    packs: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), packSchema]), {
        description: "Inline packs, or the paths of pack files; the name * takes a glob.",
      }),
    ),
    ...optional,
    auditql: Type.Optional(settingsSchema),
  },
  { $id: "auditql-config" },
);

export type QueryDeclaration = Type.Static<typeof querySchema>;
