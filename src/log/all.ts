import { filesystemLogger } from "./filesystem.js";
import { httpLogger } from "./http.js";
import type { LoggerDefinition } from "./logger.js";
import { stdoutLogger } from "./stdout.js";
import { syslogLogger } from "./syslog.js";

/** Every logger that comes with auditql. */
export const allLoggers: readonly LoggerDefinition[] = [
  filesystemLogger,
  stdoutLogger,
  syslogLogger,
  httpLogger,
] as readonly LoggerDefinition[];
