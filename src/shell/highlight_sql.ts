import type { Paint } from "../client/paint.js";
import { type SqlToken, sqlTokens } from "../util/sql_tokens.js";
import { sqlKeywords } from "../util/sql_words.js";

/** Names that SQL alone does not tell from columns. */
export interface KnownNames {
  readonly tables: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
}

/** Colours SQL; of `text`, only what follows the first `from` characters. */
export function highlightSql(text: string, names: KnownNames, paint: Paint, from = 0): string {
  let painted = "";
  for (const token of sqlTokens(text)) {
    if (token.index + token.text.length <= from) continue;
    const piece = token.text.slice(Math.max(0, from - token.index));
    painted += paintToken(piece, token, { names, paint });
  }
  return painted;
}

interface Palette {
  readonly names: KnownNames;
  readonly paint: Paint;
}

function paintToken(piece: string, { kind, text }: SqlToken, { names, paint }: Palette): string {
  if (kind === "comment" || kind === "string" || kind === "number") return paint(kind, piece);
  if (kind !== "word") return piece;
  const word = text.toLowerCase();
  if (sqlKeywords.has(word)) return paint("keyword", piece);
  if (names.tables.has(word)) return paint("table", piece);
  return names.functions.has(word) ? paint("function", piece) : piece;
}
