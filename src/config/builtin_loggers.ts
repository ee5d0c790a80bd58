/** Names of the loggers that come with auditql, which src/log/ has one file each for. */
export const builtinLoggers: readonly string[] = ["filesystem", "stdout", "syslog", "http"];
