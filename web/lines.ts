/** Lines of a streamed answer as they come, without their ends. */
export async function* linesOf(answer: Response): AsyncGenerator<readonly string[]> {
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let torn = "";
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const lines = (torn + next.value).split("\n");
      torn = lines.pop() ?? "";
      if (lines.length > 0) yield lines;
    }
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Error("The daemon closed the connection before the end of the response.", { cause });
  } finally {
    void reader.cancel().catch(() => {});
  }
  if (torn !== "") yield [torn];
}

/** A number by its text, where JavaScript would write it in another way: SQLite's 1.0 and 1.0e+100. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** Stands before the text of a number in quotes; JSON that has it itself keeps JavaScript's numbers. */
const mark = "\uE000";
const hasMark = /\uE000|\\u[eE]000/;

/**
 * JSON whose integers are longer than a double is exact become text: eids and kernel times. Other
 * numbers that JavaScript would write in another way are ExactNumber.
 */
export function parseExact(json: string): unknown {
  if (!/\d{16}|\.\d*0(?!\d)|\d[eE]/.test(json)) return JSON.parse(json);
  const keepsText = !hasMark.test(json);
  // Whole numbers with their fractions: of 0.1234567890123456 no part is an integer.
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const quoted = json.replace(tokens, (token) => {
    if (token[0] === '"') return token;
    if (/^-?\d{16,}$/.test(token)) return `"${token}"`;
    return keepsText && String(Number(token)) !== token ? `"${mark}${token}"` : token;
  });
  return JSON.parse(quoted, (_key, value: unknown) =>
    typeof value === "string" && keepsText && value.startsWith(mark)
      ? new ExactNumber(shownNumber(value.slice(mark.length)))
      : value,
  );
}

/** Infinities as SQLite shows them. */
function shownNumber(text: string): string {
  return text.replace(/^(-?)1e999$/, "$1Inf");
}
