import { honouredFlags, notApplicableReason } from "./flag_use.js";
import { osqueryFlagAliases, osqueryFlags } from "./generated/osquery_flags.js";

/** One flag of the command line and of flagfiles. */
export interface Flag {
  readonly name: string;
  readonly kind: "boolean" | "number" | "string";
  readonly default: string;
  readonly description: string;
  /** The `options` key of a file cannot set it. */
  readonly commandLineOnly: boolean;
  /** Left out of --help. */
  readonly hidden: boolean;
  /** Why it changes nothing; null when it does. */
  readonly notApplicable: string | null;
  /** Setting under `auditql` that it stands for. */
  readonly setting?: readonly string[];
}

const own = (
  name: string,
  kind: Flag["kind"],
  setting: readonly string[],
  description: string,
): Flag => ({
  name,
  kind,
  default: "",
  description,
  commandLineOnly: true,
  hidden: false,
  notApplicable: null,
  setting,
});

/** Flags that osquery does not have. All but flagfile stand for a setting under `auditql`. */
const ownFlags: readonly Flag[] = [
  {
    name: "flagfile",
    kind: "string",
    default: "",
    description: "File of flags, one --name=value per line",
    commandLineOnly: true,
    hidden: false,
    notApplicable: null,
  },
  own("state_path", "string", ["state_path"], "Directory of the event store and the state"),
  own("store", "string", ["store"], "Storage of event tables: disk or memory"),
  own(
    "store_max_bytes",
    "number",
    ["store_max_bytes"],
    "Maximum memory of all event tables, in bytes",
  ),
  own("http_enabled", "boolean", ["http", "enabled"], "Serve the HTTP API"),
  own("http_host", "string", ["http", "host"], "Address to listen on"),
  own("http_port", "number", ["http", "port"], "TCP port to listen on"),
  own("http_socket_path", "string", ["http", "socket_path"], "Unix socket to listen on"),
  own("http_token_path", "string", ["http", "token_path"], "File of the bearer token"),
  own(
    "capture_backend",
    "string",
    ["capture", "backend"],
    "Capture backend: auto, audit, proc-connector, ebpf or none",
  ),
  own("log_fsync", "string", ["log", "fsync"], "fsync of log lines: never or always"),
  own(
    "log_level",
    "string",
    ["log", "level"],
    "Minimum level of status lines on standard error: debug, info, warn or error",
  ),
  own("logger_results_name", "string", ["log", "results_name"], "File name of result lines"),
  own(
    "events_max_bytes",
    "number",
    ["events_max_bytes"],
    "Maximum size of stored rows per event table, in bytes",
  ),
];

const table: ReadonlyMap<string, Flag> = new Map(
  [
    ...ownFlags,
    ...osqueryFlags.map(
      (flag): Flag => ({ ...flag, notApplicable: notApplicableReason(flag.name) }),
    ),
  ].map((flag) => [flag.name, flag]),
);

/** The flag of a name or of an older name for it. */
export function findFlag(name: string): Flag | undefined {
  return table.get(osqueryFlagAliases[name] ?? name);
}

/** Every name that a flag may be given by. */
export function flagNames(): string[] {
  return [...table.keys(), ...Object.keys(osqueryFlagAliases)];
}

/** Flags that have an effect: auditql's own, then osquery's. */
export function effectiveFlags(): readonly Flag[] {
  return [...ownFlags, ...honouredFlags.flatMap((name) => table.get(name) ?? [])];
}

/** Every flag of osquery, for the table osquery_flags. */
export function describeFlags(values: Readonly<Record<string, string>>) {
  return osqueryFlags.map(({ name, kind, description, default: value, shell }) => ({
    name,
    type: kind === "boolean" ? "bool" : kind === "number" ? "int64" : "string",
    description,
    default_value: value,
    value: values[name] ?? value,
    shell_only: shell ? 1 : 0,
  }));
}
