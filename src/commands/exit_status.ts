/** Exit statuses of the command line, after sysexits.h where one fits; docs/reference/cli.md lists them. */
export const exitStatuses: Readonly<Record<number, string>> = {
  0: "Success.",
  1: "A query failed, its result is incomplete, or something that was checked is not in order.",
  2: "The command line is not understood.",
  69: "No daemon can be reached.",
  70: "A defect in auditql, or an answer that it does not understand.",
  71: "The operating system refused what must not be refused.",
  74: "A file, socket or connection failed.",
  75: "Something is in use or busy; trying again later may help.",
  77: "Permission is missing.",
  78: "The configuration is wrong.",
  130: "Interrupted by Ctrl-C.",
  141: "Whoever read the output went away.",
};
