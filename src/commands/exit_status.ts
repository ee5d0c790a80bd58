/** Exit statuses of the command line, after sysexits.h where one fits; docs/reference/cli.md lists them. */
export const exitStatuses: Readonly<Record<number, string>> = {
  0: "Success.",
  1: "A query failed, its result is incomplete, or a check found problems.",
  2: "The command line is invalid.",
  69: "Cannot connect to a daemon.",
  70: "Internal error of auditql, or an unexpected response.",
  71: "An essential system call failed.",
  74: "I/O error on a file, socket or connection.",
  75: "A resource is in use or busy; retry later.",
  77: "Permission denied.",
  78: "The configuration is invalid.",
  130: "Interrupted by Ctrl-C.",
  141: "Output closed by the reader (broken pipe).",
};
