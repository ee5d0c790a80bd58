import type { FormatOptions, OutputFormat } from "./formats/define_format.js";
import type { AnswerOutcome, QuerySource, Question } from "./query_source.js";
import type { TextSink } from "./text_sink.js";

/** Where rows go, and how they look. */
export interface ResultOutput {
  readonly sink: TextSink;
  readonly format: OutputFormat;
  readonly options: FormatOptions;
  /** Told of rows as they come. */
  readonly onRows?: (rows: number) => void;
}

/** Runs one statement and writes its rows as they come. Throws what the query failed with, after
 * the rows that came before. */
export async function runStatement(
  source: QuerySource,
  question: Question,
  output: ResultOutput,
): Promise<AnswerOutcome> {
  const writer = output.format.start(output.options);
  let columns: readonly string[] = [];
  try {
    const outcome = await source.query(question, (lines) => {
      output.onRows?.(lines.length);
      return output.sink.write(lines.map((line) => writer.row(line)).join(""));
    });
    columns = outcome.columns;
    return outcome;
  } finally {
    // Closes the brackets and frames of a result that an error cut short, too.
    await output.sink.write(writer.end(columns));
  }
}
