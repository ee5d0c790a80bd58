/** What begins a token that only its own end closes. */
export type OpenToken = "'" | '"' | "`" | "[" | "/*";

/** A piece of SQL text. The pieces of a text, joined, are the text. */
export interface SqlToken {
  /** `name` is a quoted one, `word` any other: a keyword too. `other`: blanks, operators. */
  readonly kind: "comment" | "string" | "name" | "number" | "word" | "semicolon" | "other";
  readonly text: string;
  /** Where it begins, in UTF-16 units. */
  readonly index: number;
  /** What it begins and does not end; null for all but the last token of a text. */
  readonly open: OpenToken | null;
}

/** Quoted text and comments, closed or not; numbers; words; semicolons; whatever else there is. A
 * doubled quote is two tokens side by side. https://www.sqlite.org/lang_keywords.html */
const pattern =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'[^']*(?:'|$))|(?<name>"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$))|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_]\w*)|(?<semicolon>;)|(?<other>[^'"`[;/\-\w]+|[\s\S])/g;

/** Takes SQL text apart, in one pass. */
export function* sqlTokens(text: string): Iterable<SqlToken> {
  for (const match of text.matchAll(pattern)) {
    const [piece] = match;
    yield {
      kind: kindOf(match.groups ?? {}),
      text: piece,
      index: match.index,
      open: openOf(piece),
    };
  }
}

const kinds = ["comment", "string", "name", "number", "word", "semicolon"] as const;

function kindOf(groups: Readonly<Record<string, string | undefined>>): SqlToken["kind"] {
  return kinds.find((kind) => groups[kind] !== undefined) ?? "other";
}

function openOf(piece: string): OpenToken | null {
  if (piece.startsWith("/*")) return piece.length >= 4 && piece.endsWith("*/") ? null : "/*";
  const [first] = piece;
  if (first !== "'" && first !== '"' && first !== "`" && first !== "[") return null;
  const end = first === "[" ? "]" : first;
  return piece.length > 1 && piece.endsWith(end) ? null : first;
}

/** SQL text taken apart at the semicolons that end statements. */
export interface SplitText {
  readonly statements: readonly string[];
  /** What follows the last semicolon; empty when it is only blanks and comments. */
  readonly rest: string;
  /** The quote, or the start of the comment, that the text leaves open; null when none is. */
  readonly open: OpenToken | null;
}

/** Splits SQL at the semicolons outside of strings, quoted names and comments. */
export function splitStatements(text: string): SplitText {
  const statements: string[] = [];
  let start = 0;
  let hasContent = false;
  let open: OpenToken | null = null;
  for (const token of sqlTokens(text)) {
    open = token.open;
    if (token.kind === "semicolon") {
      if (hasContent) statements.push(text.slice(start, token.index).trim());
      start = token.index + 1;
      hasContent = false;
      continue;
    }
    // A comment that is still open continues in the next line, and so counts as content.
    const isComment = token.kind === "comment" && open === null;
    hasContent ||= !isComment && token.text.trim() !== "";
  }
  return { statements, rest: hasContent ? text.slice(start) : "", open };
}

/**
 * How often a statement names a table, outside strings and comments. A column's qualifier
 * (`process_events.pid`) does not count. Counting once too often costs time, not rows.
 */
export function countReferences(sql: string, table: string): number {
  let count = 0;
  for (const { kind, text, index } of sqlTokens(sql)) {
    if (kind !== "word" && kind !== "name") continue;
    const name = kind === "name" ? text.slice(1, -1) : text;
    if (name.toLowerCase() !== table.toLowerCase()) continue;
    if (!/^\s*\./.test(sql.slice(index + text.length))) count++;
  }
  return count;
}

/** A name as an identifier of SQL, whatever its characters. https://www.sqlite.org/lang_keywords.html */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
