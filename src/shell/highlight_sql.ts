import type { Paint } from "../client/paint.js";
import { sqlKeywords } from "../util/sql_words.js";

/** Names that SQL alone does not tell from columns. */
export interface KnownNames {
  readonly tables: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
}

/** Comments and quoted text, closed or not; numbers; words; whatever else there is. */
const token =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'[^']*(?:'|$))|(?<name>"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$))|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_]\w*)|[\s\S]/g;

/** Colours SQL; of `text`, only what follows the first `from` characters. */
export function highlightSql(text: string, names: KnownNames, paint: Paint, from = 0): string {
  let painted = "";
  for (const match of text.matchAll(token)) {
    const end = match.index + match[0].length;
    if (end <= from) continue;
    const piece = match[0].slice(Math.max(0, from - match.index));
    painted += paintToken(piece, match.groups ?? {}, { names, paint });
  }
  return painted;
}

interface Palette {
  readonly names: KnownNames;
  readonly paint: Paint;
}

function paintToken(
  piece: string,
  groups: Readonly<Record<string, string | undefined>>,
  { names, paint }: Palette,
): string {
  if (groups["comment"] !== undefined) return paint("comment", piece);
  if (groups["string"] !== undefined) return paint("string", piece);
  if (groups["number"] !== undefined) return paint("number", piece);
  const word = groups["word"]?.toLowerCase();
  if (word === undefined) return piece;
  if (sqlKeywords.has(word)) return paint("keyword", piece);
  if (names.tables.has(word)) return paint("table", piece);
  return names.functions.has(word) ? paint("function", piece) : piece;
}
