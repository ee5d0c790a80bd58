import type { FormatOptions, OutputFormat } from "./formats/define_format.js";

/** What `.mode`, `.headers` and the like change. */
export interface ShellSettings {
  format: OutputFormat;
  isHeaderShown: boolean;
  /** Null: the format's own. */
  separator: string | null;
  nullText: string;
  /** Print the time that each statement took. */
  isTimerOn: boolean;
  /** Print each statement before its rows. */
  isEchoOn: boolean;
  /** End at the first error. */
  isBailOn: boolean;
  /** Null: the daemon's own limit. */
  timeoutMs: number | null;
}

/** What the output is connected to. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Columns now; null where there is no terminal. */
  readonly width: () => number | null;
}

export function formatOptionsOf(settings: ShellSettings, screen: Screen): FormatOptions {
  const { isHeaderShown, separator, nullText } = settings;
  const { isTerminal } = screen;
  return { isHeaderShown, separator, nullText, isTerminal, maxWidth: screen.width() };
}
