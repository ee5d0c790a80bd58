import type { osqueryFlags } from "./generated/osquery_flags.js";

/** Name of a flag that osquery has. */
export type OsqueryFlagName = (typeof osqueryFlags)[number]["name"];

/** What becomes of flags that auditql does not act on, and why. */
interface Reason {
  readonly reason: string;
  readonly names: readonly OsqueryFlagName[] | RegExp;
}

/** Flags whose value changes what auditql does. */
export const honouredFlags = [
  "audit_allow_fim_events",
  "audit_backlog_limit",
  "audit_backlog_wait_time",
  "config_check",
  "config_path",
  "config_refresh",
  "decorations_top_level",
  "disable_audit",
  "disable_decorators",
  "disable_events",
  "disable_logging",
  "disable_tables",
  "disable_watchdog",
  "docker_socket",
  "enable_file_events",
  "enable_syslog",
  "events_enforce_denylist",
  "events_expiry",
  "events_max",
  "hardware_disabled_types",
  "host_identifier",
  "logger_event_type",
  "logger_min_status",
  "logger_min_stderr",
  "logger_mode",
  "logger_numerics",
  "logger_path",
  "logger_plugin",
  "logger_rotate",
  "logger_rotate_max_files",
  "logger_rotate_size",
  "logger_snapshot_event_type",
  "logger_stderr",
  "logger_syslog_facility",
  "logger_syslog_prepend_cee",
  "logger_tls_compress",
  "logger_tls_max_lines",
  "lxd_socket",
  "pack_delimiter",
  "pack_refresh_interval",
  "read_max",
  "schedule_default_interval",
  "schedule_epoch",
  "schedule_lognames",
  "schedule_max_drift",
  "schedule_splay_percent",
  "schedule_timeout",
  "specified_identifier",
  "syslog_events_expiry",
  "syslog_events_max",
  "syslog_pipe_path",
  "syslog_rate_limit",
  "verbose",
  "watchdog_delay",
  "watchdog_latency_limit",
  "watchdog_level",
  "watchdog_memory_limit",
  "watchdog_utilization_limit",
] as const satisfies readonly OsqueryFlagName[];

/** Honoured flag. */
export type HonouredFlag = (typeof honouredFlags)[number];

const reasons: readonly Reason[] = [
  {
    reason:
      "processes and sockets are always captured; exclude some with auditql.capture.exclude, or filter rows with a WHERE clause",
    names: /^audit_/,
  },
  {
    reason: "there is no AWS logger; add one as a module (docs/internals/adding-a-logger.md)",
    names: /^aws_/,
  },
  {
    reason: "there is no Kafka logger; add one as a module (docs/internals/adding-a-logger.md)",
    names: /^logger_kafka_/,
  },
  {
    reason: "see GET /v1/config of the daemon, or auditql config check",
    names: ["config_dump"],
  },
  { reason: "there is no file carver", names: /^carver_|^disable_carver$/ },
  {
    reason:
      "configuration, enrolment, logging and queries over osquery's TLS protocol are not offered; use the http logger and the HTTP API",
    names:
      /^(tls_|enroll_|config_tls_|distributed_|logger_tls_|proxy_hostname$|disable_(re)?enrollment$|disable_distributed$|config_accelerated_refresh$|config_plugin$|config_enable_backup$|yara_sigurl_authenticate$)/,
  },
  {
    reason: "Thrift extensions are not offered; tables and loggers are modules",
    names: /^(extensions?_|extension$|thrift_|disable_extensions$|enable_extensions_watchdog$)/,
  },
  {
    reason: "there is no RocksDB; state is kept in state_path",
    names: /^(rocksdb_|database_|disable_database$|ephemeral$|schedule_reload)/,
  },
  {
    reason: "it is a flag of osquery's interactive shell; use auditql shell",
    names: [
      "A",
      "L",
      "connect",
      "csv",
      "header",
      "json",
      "json_pretty",
      "line",
      "list",
      "output",
      "pack",
      "planner",
      "profile",
      "query",
      "query_file",
      "separator",
      "profile_delay",
    ],
  },
  {
    reason: "the subcommand selects the mode: auditql daemon, auditql shell",
    names: ["D", "S", "daemonize", "install", "uninstall"],
  },
  {
    reason: "service managers track the process id; a lock in state_path prevents a second daemon",
    names: ["force", "pidfile"],
  },
  {
    reason: "query workers are stopped immediately and started on demand",
    names:
      /^(watchdog_(forced|max)_|enable_watchdog_debug$|alarm_timeout$|malloc_trim_threshold$|worker_threads$|yara_malloc_trim$)/,
  },
  {
    reason: "it applies to another operating system",
    names:
      /^(windows_|enable_(windows|powershell|ntfs|process_etw|dns_lookup|keyboard|mouse)|etw_|es_fim_|disable_endpointsecurity|keychain_|users_service_|groups_service_|ntfs_|usn_|allow_handle_threads$|disable_memory$|augeas_lenses$)/,
  },
  {
    reason:
      "eBPF tables were removed from osquery; process_events and socket_events have their columns",
    names: /^(enable_bpf_events$|bpf_)/,
  },
  { reason: "scheduled queries always see exactly the new events", names: ["events_optimize"] },
  {
    reason: "each query reads tables again; nothing is cached between queries",
    names: [
      "disable_caching",
      "disable_hash_cache",
      "hash_cache_max",
      "hash_delay",
      "table_delay",
      "yara_delay",
    ],
  },
  {
    reason: "its table does not use it (docs/reference/tables.md)",
    names: ["enable_yara_string", "dns_resolver_refresh_interval", "keep_container_worker_open"],
  },
  {
    reason: "all tables except those in disable_tables are available",
    names: [
      "enable_tables",
      "enable_foreign",
      "ignore_table_exceptions",
      "ignore_registry_exceptions",
      "experiment_list",
    ],
  },
  { reason: "auditql_health has every counter", names: /^(enable_)?numeric_monitoring/ },
  { reason: "results hold SQL NULL as the empty string", names: ["nullvalue"] },
  { reason: "the query's limits also apply to patterns", names: ["regex_max_size"] },
  {
    reason: "queue_max_bytes limits each logger's queue, in bytes",
    names: ["buffered_log_max"],
  },
  { reason: "status lines are always written immediately", names: ["logger_status_sync"] },
  { reason: "times in logs are always UTC", names: ["utc"] },
  { reason: "modules are trusted by owner and file mode only", names: ["allow_unsafe"] },
];

/** Why a flag of osquery changes nothing; null when auditql honours it. */
export function notApplicableReason(name: OsqueryFlagName): string | null {
  if (honouredFlags.some((honoured) => honoured === name)) return null;
  const match = reasons.find(({ names }) =>
    names instanceof RegExp ? names.test(name) : names.includes(name),
  );
  return match?.reason ?? null;
}
