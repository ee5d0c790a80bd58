import { stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { checkShape } from "../config/check_shape.js";
import type { LoggerConfig } from "../config/config.js";
import type { Diagnostic } from "../config/diagnostic.js";
import type { JsonObject } from "../config/json_document.js";
import { kindOf } from "../config/user_file.js";
import { AuditqlError, messageOf } from "../errors.js";
import { allLoggers } from "./all.js";
import type { LoggerContext, LoggerDefinition, ResultLogger } from "./logger.js";

/** A logger that is open, and how it is to be used. */
export interface OpenLogger {
  readonly logger: ResultLogger;
  readonly isLocal: boolean;
}

/** Opens a logger by its configuration; throws `logger_unknown` or `logger_broken`. */
export async function openLogger(
  config: LoggerConfig,
  context: LoggerContext,
): Promise<OpenLogger> {
  const { definition, options } = await prepareLogger(config);
  try {
    return { logger: await definition.open(options, context), isLocal: definition.isLocal };
  } catch (cause) {
    throw broken(config.name, cause);
  }
}

/** A logger that is not open yet, and the options that it will be opened with. */
export interface PreparedLogger {
  readonly definition: LoggerDefinition;
  readonly options: unknown;
}

/** Finds a logger and reads its options; throws `logger_unknown` or `logger_broken`. */
export async function prepareLogger(config: LoggerConfig): Promise<PreparedLogger> {
  const definition = await findDefinition(config);
  const problems: string[] = [];
  const source = {
    path: ["auditql", "log", "loggers", config.name, "options"],
    positionOf: () => ({ file: "", line: 1, column: 1 }),
    report: ({ message }: Diagnostic) => void problems.push(message),
  };
  // The options come from JSON, and from flags that are numbers and booleans.
  const given = config.options as JsonObject;
  const options = checkShape(definition.options, given, {
    source,
    severity: "error",
    coercion: "none",
  });
  if (problems.length > 0) throw new AuditqlError("logger_broken", problems.join(" "));
  return { definition, options };
}

async function findDefinition(config: LoggerConfig): Promise<LoggerDefinition> {
  if (config.module !== null) return loadModule(config.name, config.module);
  const definition = allLoggers.find(({ name }) => name === config.name);
  if (definition !== undefined) return definition;
  const names = allLoggers.map(({ name }) => name).join(", ");
  throw new AuditqlError(
    "logger_unknown",
    `unknown logger "${config.name}". Use one of ${names}, or set auditql.log.loggers.${config.name}.module for a custom logger.`,
  );
}

/** A module's default export is its definition. */
async function loadModule(name: string, path: string): Promise<LoggerDefinition> {
  try {
    await requireTrusted(path);
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    const definition = module.default;
    if (isDefinition(definition)) return definition;
  } catch (cause) {
    throw broken(name, cause);
  }
  throw broken(name, new Error(`the default export of ${path} is not a logger`));
}

/** The module runs with the daemon's rights: nobody else may be able to change it. */
async function requireTrusted(path: string): Promise<void> {
  const status = await stat(path);
  if (!status.isFile()) throw new Error(`${path} is ${kindOf(status)}, not a regular file`);
  const { uid, mode } = status;
  const isOwned = uid === 0 || uid === process.geteuid?.();
  if (isOwned && (mode & 0o022) === 0) return;
  throw new Error(
    `${path} must be owned by root or by the daemon's user, and be writable by its owner only`,
  );
}

function isDefinition(value: unknown): value is LoggerDefinition {
  if (typeof value !== "object" || value === null) return false;
  return (
    "name" in value &&
    "options" in value &&
    "isLocal" in value &&
    "open" in value &&
    typeof value.open === "function"
  );
}

function broken(name: string, cause: unknown): AuditqlError {
  const reason = messageOf(cause);
  return new AuditqlError("logger_broken", `cannot open logger "${name}": ${reason}`, {
    cause,
  });
}
