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
  events_max: Type.Optional(
    Type.Integer({ minimum: 0, description: "Maximum number of stored rows; 0: no limit." }),
  ),
  events_expiry: Type.Optional(
    Type.Integer({ minimum: 0, description: "Retention time of rows, in seconds; 0: no limit." }),
  ),
  events_max_bytes: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: "Maximum size of stored rows, in bytes; 0: no limit.",
    }),
  ),
});

const queryLimits = (timeoutMs: number, rows: number) =>
  Type.Object(
    {
      timeout_ms: positive("Timeout of a query, in ms.", timeoutMs, 100),
      max_rows: countOrZero("Maximum number of rows per result; 0: no limit.", rows),
      max_bytes: positive("Maximum size of a result, in bytes.", 64 * mebibyte, 4096),
      max_memory_bytes: positive(
        "Maximum memory of the worker process, in bytes.",
        512 * mebibyte,
        8 * mebibyte,
      ),
    },
    { default: {} },
  );

const filterSchema = Type.Object(
  {
    queries: Type.Optional(
      Type.Array(Type.String(), { description: "Names of queries to log; * matches any text." }),
    ),
    packs: Type.Optional(
      Type.Array(Type.String(), { description: "Names of packs to log; the schedule is main." }),
    ),
    kinds: Type.Optional(
      Type.Array(
        Type.Union([Type.Literal("results"), Type.Literal("snapshots"), Type.Literal("status")]),
        { description: "Kinds of lines to log." },
      ),
    ),
    min_severity: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 2, description: "Minimum severity of status lines." }),
    ),
    where: Type.Optional(
      Type.String({
        description:
          "SQL condition on the columns of a row and on query_name, pack_name and action.",
      }),
    ),
    remove_fields: Type.Optional(
      Type.Array(Type.String(), { description: "Columns to remove from result lines." }),
    ),
    rename_fields: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: "New names of columns." }),
    ),
  },
  { default: {} },
);

/** Settings of one logger. */
export const loggerSchema = Type.Object({
  module: Type.Optional(
    Type.String({ description: "Path of an ES module with a logger as its default export." }),
  ),
  options: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
  filter: filterSchema,
  queue_max_bytes: Type.Integer({
    minimum: 65536,
    default: 256 * mebibyte,
    description: "Maximum size of this logger's disk queue, in bytes.",
  }),
});

// Defaults within a record are not filled in by the validator: assemble_log.ts adds them.
const loggers = Type.Record(Type.String(), Type.Partial(loggerSchema), {
  default: {},
  description: "Settings of each logger of logger_plugin, by name.",
});

const absolutePath = (description: string) => Type.String({ pattern: "^/", description });

/** Unknown keys are errors here: an exclusion that lost a criterion would exclude too much. */
const exclusion = Type.Object(
  {
    exe: Type.Optional(absolutePath("Executable of the process.")),
    exe_prefix: Type.Optional(absolutePath("Path prefix of the executable of the process.")),
    parent: Type.Optional(absolutePath("Executable of the parent process.")),
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
        description: "Login user id; 4294967295 when unset.",
      }),
    ),
    syscalls: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: "Names of system calls; any of them matches.",
      }),
    ),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: "Excludes events that match all given criteria.",
  },
);

const namePatterns = (description: string, value: string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
    maxItems: 64,
    default: value,
    description: `${description} * matches any text; matching ignores case.`,
  });

const environment = Type.Object(
  {
    keep: namePatterns(
      "Names of environment variables to store in exec rows. When empty, the environment is not read.",
      [],
    ),
    redact: namePatterns("Names of stored variables whose values are replaced with ***.", [
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
        Type.Literal("ebpf"),
        Type.Literal("audit"),
        Type.Literal("proc-connector"),
        Type.Literal("none"),
      ],
      {
        default: "auto",
        description:
          "Capture backend; auto selects the first that works of ebpf, audit and proc-connector.",
      },
    ),
    audit: Type.Union(
      [
        Type.Literal("auto"),
        Type.Literal("unicast"),
        Type.Literal("multicast"),
        Type.Literal("off"),
      ],
      {
        default: "auto",
        description:
          "How the audit stream is read: auto: own it until another process asks for it, then read copies; unicast: own it whenever that is possible, and keep it; multicast: read copies only; off: not at all.",
      },
    ),
    backlog_limit: Type.Optional(
      Type.Integer({ minimum: 64, description: "Kernel audit backlog limit, in records." }),
    ),
    backlog_wait_time: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: "Maximum time that a system call waits when the backlog is full, in jiffies.",
      }),
    ),
    rules: Type.Array(Type.String(), {
      default: [],
      description: "auditctl lines to load in addition to auditql's rules.",
    }),
    exclude: Type.Array(Type.Union([exclusion, Type.String()]), {
      default: [],
      description:
        "Events to exclude: as criteria, or as auditctl lines that are loaded before all other rules.",
    }),
    redact_arguments: namePatterns(
      "Names of arguments whose values are replaced with *** before they are stored, such as --*password*.",
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
      description:
        "always: call fsync before lines count as written; never: a write to the kernel is enough.",
    }),
    rotate_age: countOrZero("Age at which a log file is rotated, in seconds; 0: never.", 0),
    level: Type.Union(
      ["debug", "info", "warn", "error"].map((level) => Type.Literal(level)),
      {
        default: "info",
        description: "Minimum level of status lines on standard error.",
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
      Type.String({ description: "Directory of the event store and of the schedule's state." }),
    ),
    store: Type.Union([Type.Literal("disk"), Type.Literal("memory")], {
      default: "disk",
      description:
        "Storage of event tables: disk (in state_path) or memory, which never reaches the disk.",
    }),
    store_max_bytes: positive(
      "Maximum memory of all event tables when store is memory, in bytes.",
      512 * mebibyte,
      mebibyte,
    ),
    http: httpSchema,
    capture,
    enrichment: enrichmentSchema,
    tables: Type.Record(Type.String(), tableLimits, {
      default: {},
      description: "Limits of event tables, by name.",
    }),
    events_max_bytes: countOrZero(
      "Maximum size of stored rows per event table, in bytes.",
      512 * 1024 * 1024,
    ),
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
            "Maximum number of concurrent ad-hoc queries, each in its own process; a single caller never gets all of them. One additional process is reserved for root on the unix socket.",
        }),
        scheduled: positive(
          "Maximum number of concurrent scheduled queries. If above 1, one worker is reserved for event queries that run at least every minute.",
          3,
        ),
        idle_seconds: countOrZero(
          "Time after which an idle ad-hoc worker exits, in seconds; one always stays.",
          60,
        ),
      },
      { default: {} },
    ),
    log,
  },
  { $id: "auditql-settings", description: "Settings specific to auditql.", default: {} },
);

/** The `auditql` key, with every default filled in. */
export type Settings = Type.Static<typeof settingsSchema>;

/** Settings of one logger, with every default filled in. */
export type LoggerSettings = Type.Static<typeof loggerSchema>;

/** Which lines a logger takes, and what it leaves out of them. */
export type FilterConfig = Type.Static<typeof filterSchema>;
