import { displayText } from "../client/display_text.js";
import type { FormatOptions } from "../client/formats/define_format.js";
import { noPaint, type Paint } from "../client/paint.js";
import type { TextSink } from "../client/text_sink.js";
import { type FileSink, openFileSink } from "./file_sink.js";
import { PagedSink, PagerLeft } from "./paged_sink.js";
import type { Pager } from "./pager.js";
import { ProgressLine } from "./progress_line.js";
import type { ShellSettings } from "./shell_settings.js";

/** What the output is connected to. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Columns now; null where there is no terminal. */
  readonly width: () => number | null;
  /** Lines now; null where there is no terminal. */
  readonly height: () => number | null;
  readonly paint: Paint;
  /** Starts the user's pager; null: there is none, or nobody to use it. */
  readonly openPager: ((onInterrupt: () => void) => Pager) | null;
  /** Writes to the terminal at once; null where nobody watches. */
  readonly showProgress: ((text: string) => void) | null;
}

export interface ShellOutputOptions {
  readonly output: TextSink;
  readonly errors: TextSink;
  readonly screen: Screen;
  readonly settings: ShellSettings;
  /** Called when Ctrl-C is pressed while a pager has the terminal. */
  readonly onInterrupt: () => void;
}

/** Where a result goes, how it is to look there, and who is told of its rows as they come. */
export interface ResultTarget {
  readonly sink: TextSink;
  readonly options: FormatOptions;
  readonly onRows: (rows: number) => void;
}

/** Where the shell prints: the terminal, its pager, or the file of `.output` and `.once`. */
export class ShellOutput {
  readonly #options: ShellOutputOptions;
  #file: FileSink | null = null;
  #isOnce = false;

  constructor(options: ShellOutputOptions) {
    this.#options = options;
  }

  /** The file that output goes to; null: the terminal. */
  get path(): string | null {
    return this.#file?.path ?? null;
  }

  print(text: string): Promise<void> {
    return (this.#file ?? this.#options.output).write(text);
  }

  /** Prints text that may be long, through the pager if need be. */
  async printLong(text: string): Promise<void> {
    await this.withResult(({ sink }) => sink.write(text));
  }

  warn(text: string): Promise<void> {
    const { errors, screen } = this.#options;
    return errors.write(`${screen.paint("error", displayText(text))}\n`);
  }

  /** Sends what follows to a file; `isOnce`: only the next result. */
  async redirect(path: string, isOnce: boolean): Promise<void> {
    const file = await openFileSink(path);
    await this.restore();
    this.#file = file;
    this.#isOnce = isOnce;
  }

  /** Sends what follows to the terminal again. */
  async restore(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  /** How rows are to look where output goes now. */
  formatOptions(): FormatOptions {
    if (this.#file !== null) return this.#fileLook();
    const { isTerminal, width, paint } = this.#options.screen;
    return { ...this.#fileLook(), isTerminal, maxWidth: width(), paint };
  }

  #fileLook(): FormatOptions {
    const { isHeaderShown, separator, nullText, columnWidths } = this.#options.settings;
    const look = { isHeaderShown, separator, nullText, columnWidths };
    return { ...look, isTerminal: false, maxWidth: null, paint: noPaint };
  }

  /** Runs what writes one result to a file of its own. */
  async withFile<T>(path: string, act: (target: ResultTarget) => Promise<T>): Promise<T> {
    const sink = await openFileSink(path);
    const { progress, onRows } = this.#startProgress();
    try {
      return await act({ sink, onRows, options: this.#fileLook() });
    } finally {
      progress?.clear();
      await sink.close();
    }
  }

  /** Runs what writes one result. Null when the user left the pager before its end. */
  async withResult<T>(act: (target: ResultTarget) => Promise<T>): Promise<T | null> {
    const { progress, onRows } = this.#startProgress();
    const options = this.formatOptions();
    try {
      if (this.#file !== null) return await act({ sink: this.#file, onRows, options });
      const clear = () => progress?.clear();
      return await this.#onScreen(clear, (sink) => act({ sink, onRows, options }));
    } finally {
      progress?.clear();
      if (this.#isOnce) await this.restore();
      this.#isOnce = false;
    }
  }

  #startProgress() {
    const { showProgress } = this.#options.screen;
    const progress = showProgress === null ? null : new ProgressLine(showProgress);
    return { progress, onRows: (rows: number) => progress?.addRows(rows) };
  }

  async #onScreen<T>(
    onFirstText: () => void,
    act: (sink: TextSink) => Promise<T>,
  ): Promise<T | null> {
    const sink = this.#screenSink(onFirstText);
    try {
      return await act(sink);
    } catch (error) {
      if (error instanceof PagerLeft) return null;
      throw error;
    } finally {
      const complaint = sink instanceof PagedSink ? await sink.end() : null;
      if (complaint !== null) await this.warn(`${complaint}. Use '.pager off' to disable it.`);
    }
  }

  #screenSink(onFirstText: () => void): TextSink {
    const { output, screen, settings, onInterrupt } = this.#options;
    const { openPager } = screen;
    const direct: TextSink = {
      write(text) {
        if (text.length > 0) onFirstText();
        return output.write(text);
      },
    };
    const width = screen.width();
    const height = screen.height();
    if (openPager === null || !settings.isPagerOn || width === null || height === null) {
      return direct;
    }
    return new PagedSink({
      screen: direct,
      width,
      height,
      openPager() {
        onFirstText();
        return openPager(onInterrupt);
      },
    });
  }
}
