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
    throw new Error("The daemon closed the connection before the answer was whole.", { cause });
  } finally {
    void reader.cancel().catch(() => {});
  }
  if (torn !== "") yield [torn];
}

/** JSON whose integers are longer than a double is exact become text: eids and kernel times. */
export function parseExact(json: string): unknown {
  if (!/\d{16}/.test(json)) return JSON.parse(json);
  // Whole numbers with their fractions: of 0.1234567890123456 no part is an integer.
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const quoted = json.replace(tokens, (token) =>
    /^-?\d{16,}$/.test(token) ? `"${token}"` : token,
  );
  return JSON.parse(quoted);
}
