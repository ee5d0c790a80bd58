/** Where in a file something stands; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the configuration, in words that say what to do. */
export interface Diagnostic {
  /**
   * `error`: the daemon does not start. `skip`: the daemon starts without the part that the message
   * names, as osquery does. `warning`: a part works in another way, or has no effect.
   */
  readonly severity: "error" | "skip" | "warning";
  readonly message: string;
  readonly position: Position | null;
}

/** `file:line:column: error: message`, as compilers write it, so that editors can jump to it. */
export function formatDiagnostic(problem: Diagnostic): string {
  return format(problem, problem.severity === "error" ? "error" : "warning");
}

/** As formatDiagnostic(), for a check: a part that the daemon would skip is an error there. */
export function formatChecked(problem: Diagnostic): string {
  return format(problem, failsCheck(problem) ? "error" : "warning");
}

/** Whether a check of the configuration fails because of a problem. */
export function failsCheck({ severity }: Diagnostic): boolean {
  return severity !== "warning";
}

function format({ position, message }: Diagnostic, word: string): string {
  if (position === null) return `${word}: ${message}`;
  return `${position.file}:${position.line}:${position.column}: ${word}: ${message}`;
}
