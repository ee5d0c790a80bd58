/** What an error code means: a line of docs/errors.md, which is generated. */
export interface ErrorMeaning {
  /** HTTP status of the answer when a request meets it. */
  readonly status: number;
  /** Exit status of the command line (sysexits.h where one fits). */
  readonly exitCode: number;
  /** When it happens and what to do. */
  readonly meaning: string;
}
