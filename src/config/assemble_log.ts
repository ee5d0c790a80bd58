import { join } from "node:path";
import { camelKeys } from "../util/camel_keys.js";
import { defaultsOf } from "./check_shape.js";
import type { Config, LogConfig, LoggerConfig } from "./config.js";
import type { Diagnostic } from "./diagnostic.js";
import type { FlagValues } from "./flag_values.js";
import type { HostDefaults } from "./host_defaults.js";
import { loggerSchema, type Settings } from "./settings_schema.js";

/** Names of the loggers that come with auditql, which src/log/ has one file each for. */
export const builtinLoggers: readonly string[] = ["filesystem", "stdout", "syslog", "http"];

interface LogParts {
  readonly flavour: Config["flavour"];
  readonly settings: Settings;
  readonly flags: FlagValues;
  readonly host: HostDefaults;
  readonly statePath: string;
  /** False when `settings` are defaults: modules of the configuration are then missing from them. */
  readonly areModulesKnown: boolean;
  report(problem: Diagnostic): void;
}

/** Result lines hold command lines and environments: nobody but the owner reads them unasked. */
const defaultMode = 0o600;

/** Where lines go and how. */
export function assembleLog(parts: LogParts): LogConfig {
  const { flavour, settings, flags } = parts;
  const { loggers: _, level, rotate_age: maxAgeSeconds, ...log } = settings.log;
  const program = flavour === "osquery" ? "osqueryd" : "auditql";
  const resultsName = log.results_name ?? `${program}.results.log`;
  const stem = resultsName.replace(/(\.results)?\.log$/, "");
  return {
    ...camelKeys(log),
    directory: directoryOf(parts),
    resultsName,
    snapshotsName: `${stem}.snapshots.log`,
    statusName: stem,
    mode: modeOf(flags),
    rotation: {
      maxBytes: flags.boolean("logger_rotate") ? flags.number("logger_rotate_size") : 0,
      maxAgeSeconds,
      maxFiles: flags.number("logger_rotate_max_files"),
    },
    loggers: loggersOf(parts),
    queueDirectory: join(parts.statePath, "log-queues"),
    status: {
      disabled: flags.boolean("disable_logging"),
      minSeverity: flags.number("logger_min_status"),
      stderr: flags.boolean("logger_stderr"),
      minStderr: flags.number("logger_min_stderr"),
      level: flags.boolean("verbose") ? "debug" : level,
    },
  };
}

function directoryOf({ flavour, flags, host }: LogParts): string {
  if (flags.origin("logger_path") !== "default") return flags.string("logger_path");
  if (!host.isRoot) return join(host.userStatePath, "log");
  return flavour === "osquery" ? flags.string("logger_path") : "/var/log/auditql";
}

function modeOf(flags: FlagValues): number {
  if (flags.origin("logger_mode") === "default") return defaultMode;
  const mode = Number.parseInt(flags.string("logger_mode"), 8);
  return Number.isNaN(mode) ? defaultMode : mode & 0o777;
}

function loggersOf({ settings, flags, areModulesKnown, report }: LogParts): LoggerConfig[] {
  const names = flags
    .string("logger_plugin")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "none");
  return [...new Set(names)].map((name) => {
    const declared = settings.log.loggers[name];
    const isKnown = declared?.module !== undefined || builtinLoggers.includes(name);
    if (!isKnown && areModulesKnown) {
      const message = `unknown logger "${name}". Set --logger_plugin to one of ${builtinLoggers.join(", ")}, or set auditql.log.loggers.${name}.module for a custom logger.`;
      report({ severity: "error", message, position: flags.positionOf("logger_plugin") });
    }
    return {
      ...defaultsOf(loggerSchema),
      ...declared,
      name,
      module: declared?.module ?? null,
      // A logger of the user's own may have the name of one of osquery's, and options of its own.
      options: {
        ...(declared?.module === undefined ? flagOptions(name, flags) : {}),
        ...declared?.options,
      },
    };
  });
}

/** osquery's flags for its loggers of the same name. */
function flagOptions(name: string, flags: FlagValues): Record<string, unknown> {
  if (name === "syslog") {
    return {
      facility: flags.number("logger_syslog_facility"),
      prepend_cee: flags.boolean("logger_syslog_prepend_cee"),
    };
  }
  if (name === "http") {
    return {
      gzip: flags.boolean("logger_tls_compress"),
      max_lines: flags.number("logger_tls_max_lines"),
    };
  }
  return {};
}
