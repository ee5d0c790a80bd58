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
  const { sink, format, options } = output;
  const writer = format.start(options);
  let rows = 0;
  const take = (lines: readonly string[]) => {
    rows += lines.length;
    output.onRows?.(lines.length);
    return sink.write(lines.map((line) => writer.row(line)).join(""));
  };
  const outcome = await source.query(question, take).catch(async (error: unknown) => {
    // Closes the brackets and frames of a result that was cut short. Where nothing came, nothing is
    // shown: an empty list would be an answer.
    if (rows > 0) await sink.write(writer.end([]));
    throw error;
  });
  await sink.write(writer.end(outcome.columns));
  const isUnseen = outcome.rows === 0 && format.isDocument !== true;
  // As psql does: who waits for rows must see that there are none.
  if (isUnseen && options.isTerminal) await sink.write("(0 rows)\n");
  return outcome;
}
