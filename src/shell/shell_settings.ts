import type { OutputFormat } from "../client/formats/define_format.js";

/** What `.mode`, `.headers` and the like change. */
export interface ShellSettings {
  format: OutputFormat;
  isHeaderShown: boolean;
  /** Null: the format's own. */
  separator: string | null;
  nullText: string;
  /** Of the aligned formats, column by column; 0: as wide as its values. */
  columnWidths: readonly number[];
  /** Print the time that each statement took. */
  isTimerOn: boolean;
  /** Print each statement before its rows. */
  isEchoOn: boolean;
  /** End at the first error. */
  isBailOn: boolean;
  /** Show what is longer than the window in the user's pager. */
  isPagerOn: boolean;
  /** Null: the daemon's own limit. */
  timeoutMs: number | null;
}
