import Type from "typebox";
import { enrichmentSchema } from "./enrichment_schema.js";
import { httpSchema } from "./http_schema.js";

const mebibyte = 1024 * 1024;

/** Limits that no query or store could meet are below their minimum. */
const positive = (description: string, value: number, minimum = 1) =>
  Type.Integer({ minimum, default: value, description });
const countOrZero = (description: string, value: number) =>
  Type.Integer({ minimum: 0, default: value, description });

const tableLimits = Type.Object({
  events_max: Type.Optional(Type.Integer({ minimum: 0, description: "Rows kept; 0: no bound." })),
  events_expiry: Type.Optional(
    Type.Integer({ minimum: 0, description: "Seconds that rows are kept; 0: no bound." }),
  ),
  events_max_bytes: Type.Optional(
    Type.Integer({ minimum: 0, description: "Bytes of rows kept; 0: no bound." }),
  ),
});

const queryLimits = (timeoutMs: number, rows: number) =>
  Type.Object(
    {
      timeout_ms: positive("Milliseconds after which a query is stopped.", timeoutMs, 100),
      max_rows: countOrZero("Rows of one result; 0: no bound.", rows),
      max_bytes: positive("Bytes of one result.", 64 * mebibyte, 4096),
      max_memory_bytes: positive("Memory of the worker process.", 512 * mebibyte, 8 * mebibyte),
    },
    { default: {} },
  );

const filterSchema = Type.Object({
  queries: Type.Optional(
    Type.Array(Type.String(), { description: "Names of queries to pass; * matches any text." }),
  ),
  packs: Type.Optional(
    Type.Array(Type.String(), { description: "Names of packs to pass; the schedule is main." }),
  ),
  kinds: Type.Optional(
    Type.Array(
      Type.Union([Type.Literal("results"), Type.Literal("snapshots"), Type.Literal("status")]),
      { description: "Kinds of lines to pass." },
    ),
  ),
  min_severity: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2, description: "Lowest severity of status lines." }),
  ),
  where: Type.Optional(
    Type.String({
      description:
        "SQL condition on the columns of a row, with query_name, pack_name and action besides.",
    }),
  ),
  remove_fields: Type.Optional(
    Type.Array(Type.String(), { description: "Columns to leave out of result lines." }),
  ),
  rename_fields: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: "New names of columns." }),
  ),
});

const loggers = Type.Record(
  Type.String(),
  Type.Object({
    module: Type.Optional(
      Type.String({ description: "Path of an ES module that exports a logger." }),
    ),
    options: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    filter: Type.Optional(filterSchema),
    queue_max_bytes: Type.Optional(
      Type.Integer({ minimum: 65536, description: "Bytes that wait on disk for this logger." }),
    ),
  }),
  { default: {}, description: "Settings of each logger of logger_plugin, by name." },
);

const absolutePath = (description: string) => Type.String({ pattern: "^/", description });

/** Unknown keys are errors here: an exclusion that lost a criterion would exclude too much. */
const exclusion = Type.Object(
  {
    exe: Type.Optional(absolutePath("File that the process runs.")),
    exe_prefix: Type.Optional(
      absolutePath("How the path of the file that the process runs begins."),
    ),
    parent: Type.Optional(absolutePath("File that the parent process runs.")),
    subject_type: Type.Optional(
      Type.String({ minLength: 1, description: "Type in the SELinux label of the process." }),
    ),
    uid: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 4294967295, description: "User id of the process." }),
    ),
    auid: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4294967295,
        description: "Login user id; 4294967295 where none was set.",
      }),
    ),
    syscalls: Type.Optional(
      Type.Array(Type.String(), { minItems: 1, description: "Names of calls, any of them." }),
    ),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: "Events of which everything that is given is true.",
  },
);

const namePatterns = (description: string, value: string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
    maxItems: 64,
    default: value,
    description: `${description} * matches any text, upper and lower case are the same.`,
  });

const environment = Type.Object(
  {
    keep: namePatterns(
      "Names of environment variables that exec rows keep; without any, no environment is read.",
      [],
    ),
    redact: namePatterns("Names of kept variables whose values are replaced by ***.", [
      "*PASS*",
      "*SECRET*",
      "*TOKEN*",
      "*KEY*",
      "*CREDENTIAL*",
      "*AUTH*",
    ]),
  },
  { default: {}, additionalProperties: false },
);

const capture = Type.Object(
  {
    backend: Type.Union(
      [
        Type.Literal("auto"),
        Type.Literal("audit"),
        Type.Literal("proc-connector"),
        Type.Literal("none"),
      ],
      {
        default: "auto",
        description: "Where events come from; auto takes the first that works.",
      },
    ),
    backlog_limit: Type.Optional(
      Type.Integer({ minimum: 64, description: "Kernel's queue of audit records." }),
    ),
    backlog_wait_time: Type.Optional(
      Type.Integer({ minimum: 0, description: "Jiffies a call may wait when the queue is full." }),
    ),
    rules: Type.Array(Type.String(), {
      default: [],
      description: "auditctl lines that are loaded in addition to auditql's own.",
    }),
    exclude: Type.Array(Type.Union([exclusion, Type.String()]), {
      default: [],
      description:
        "Events that are not kept: as criteria, or as auditctl lines that are loaded before all others.",
    }),
    redact_arguments: namePatterns(
      "Names of arguments whose values are replaced by *** before they are stored, such as --*password*.",
      [],
    ),
    environment,
  },
  { default: {} },
);

const log = Type.Object(
  {
    results_name: Type.Optional(
      Type.String({ pattern: "^[^/]+$", description: "File name of result lines." }),
    ),
    fsync: Type.Union([Type.Literal("never"), Type.Literal("always")], {
      default: "never",
      description: "Whether lines are on the disk, not only in the kernel, before they count.",
    }),
    rotate_age: countOrZero("Seconds after which a log file is rotated; 0: never.", 0),
    level: Type.Union(
      ["debug", "info", "warn", "error"].map((level) => Type.Literal(level)),
      {
        default: "info",
        description: "Lowest level of status lines on stderr.",
      },
    ),
    loggers,
  },
  { default: {} },
);

/** Settings that are auditql's own: the `auditql` key of a configuration file. */
export const settingsSchema = Type.Object(
  {
    state_path: Type.Optional(
      Type.String({ description: "Directory of the event store and the schedule's state." }),
    ),
    store: Type.Union([Type.Literal("disk"), Type.Literal("memory")], {
      default: "disk",
      description:
        "Where event tables are kept: in state_path, or in memory, of which nothing reaches the disk.",
    }),
    store_max_bytes: positive(
      "Memory of all event tables together where store is memory.",
      512 * mebibyte,
      mebibyte,
    ),
    http: httpSchema,
    capture,
    enrichment: enrichmentSchema,
    tables: Type.Record(Type.String(), tableLimits, {
      default: {},
      description: "Bounds of event tables, by name.",
    }),
    events_max_bytes: countOrZero("Bytes of rows kept per event table.", 512 * 1024 * 1024),
    limits: Type.Object(
      {
        adhoc: queryLimits(30_000, 0),
        scheduled: queryLimits(120_000, 0),
      },
      { default: {} },
    ),
    workers: Type.Object(
      {
        adhoc: Type.Integer({
          minimum: 2,
          default: 3,
          description:
            "Ad-hoc queries that run at once, each in a process; one caller never has them all. One process more is for root on the unix socket.",
        }),
        scheduled: positive(
          "Scheduled queries that run at once; of several, one worker is kept for event queries that run every minute or more often.",
          3,
        ),
        idle_seconds: countOrZero(
          "Seconds that an ad-hoc worker is kept idle; one is always kept.",
          60,
        ),
      },
      { default: {} },
    ),
    log,
  },
  { $id: "auditql-settings", description: "Settings that are auditql's own.", default: {} },
);

/** The `auditql` key, with every default filled in. */
export type Settings = Type.Static<typeof settingsSchema>;

/** One exclusion that is given by criteria. */
export type ExclusionConfig = Type.Static<typeof exclusion>;

/** Which lines a logger takes, and what it leaves out of them. */
export type FilterConfig = Type.Static<typeof filterSchema>;
