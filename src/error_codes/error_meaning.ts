/** What an error code means: one row of the generated docs/reference/errors.md. */
export interface ErrorMeaning {
  /** HTTP status of the response when a request fails with it. */
  readonly status: number;
  /** Exit status of the command line (sysexits.h where one fits). */
  readonly exitCode: number;
  /** When it happens and what to do. */
  readonly meaning: string;
}
