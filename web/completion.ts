import type { Completion, CompletionSource } from "@codemirror/autocomplete";
import type { ColumnDescription, TableDescription } from "./schema.ts";

export function columnCompletion({ name, type, description }: ColumnDescription): Completion {
  return { label: name, type: "property", detail: type.toLowerCase(), info: description };
}

/** Nodes of the SQL grammar that hold no names to complete. */
const notCode = ["String", "LineComment", "BlockComment", "Number"];

/**
 * Completes functions, and the columns of the tables that the text names: CodeMirror's own
 * completion knows a column only behind the name of its table.
 */
export function completeNames(
  tables: readonly TableDescription[],
  functions: readonly string[],
): CompletionSource {
  return (context) => {
    const word = context.matchBefore(/[\w.]+/);
    const isCode = context.tokenBefore(notCode) === null;
    if (word === null || word.text.includes(".") || !isCode) return null;
    const text = context.state.doc.toString();
    const mentioned = new Set(text.toLowerCase().match(/\w+/g));
    const columns = tables
      .filter(({ name }) => mentioned.has(name))
      .flatMap((table) => table.columns);
    // Before the functions: a user who names a table wants its columns.
    const distinct = new Map(
      columns.map((column) => [column.name, { ...columnCompletion(column), boost: 1 }]),
    );
    return {
      from: word.from,
      options: [...distinct.values(), ...functions.map(functionCompletion)],
      validFor: /^\w*$/,
    };
  };
}

/** A call, with the cursor where its arguments go. */
function functionCompletion(name: string): Completion {
  return {
    label: name,
    type: "function",
    detail: "()",
    apply: (view, _completion, from, to) =>
      view.dispatch({
        changes: { from, to, insert: `${name}()` },
        selection: { anchor: from + name.length + 1 },
      }),
  };
}
