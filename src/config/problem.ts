/** Where in a file something stands; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the configuration, in words that say what to do. */
export interface Problem {
  /** An error makes the file unusable; a warning leaves out what it is about. */
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly position: Position | null;
}

/** `file:line:column: error: message`, as compilers write it, so that editors can jump to it. */
export function formatProblem(problem: Problem): string {
  const { position, severity, message } = problem;
  if (position === null) return `${severity}: ${message}`;
  return `${position.file}:${position.line}:${position.column}: ${severity}: ${message}`;
}
