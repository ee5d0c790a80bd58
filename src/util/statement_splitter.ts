/** What begins a token that only its own end closes. */
export type OpenToken = "'" | '"' | "`" | "[" | "/*";

/** SQL text taken apart at the semicolons that end statements. */
export interface SplitText {
  readonly statements: readonly string[];
  /** What follows the last semicolon; empty when it is only blanks and comments. */
  readonly rest: string;
  /** The quote, or the start of the comment, that the text leaves open; null when none is. */
  readonly open: OpenToken | null;
}

/** Strings, quoted names and comments, closed or not, in which a semicolon ends nothing; then the
 * semicolon. Sticky, so that the text is read once. https://www.sqlite.org/lang_keywords.html */
const token =
  /'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)|;|[^'"`[;/-]+|[\s\S]/y;

/** Splits SQL at the semicolons outside of strings, quoted names and comments. */
export function splitStatements(text: string): SplitText {
  const statements: string[] = [];
  let current = "";
  let hasContent = false;
  let open: OpenToken | null = null;
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [piece] = match;
    open = openingOf(piece);
    if (piece === ";") {
      if (hasContent) statements.push(current.trim());
      current = "";
      hasContent = false;
      continue;
    }
    current += piece;
    hasContent ||= !isClosedComment(piece) && piece.trim() !== "";
  }
  return { statements, rest: hasContent ? current : "", open };
}

/** What a piece begins and does not end; the pattern takes those up to the end of the text. */
function openingOf(piece: string): OpenToken | null {
  if (piece.startsWith("/*")) return piece.length >= 4 && piece.endsWith("*/") ? null : "/*";
  const [first] = piece;
  if (first !== "'" && first !== '"' && first !== "`" && first !== "[") return null;
  const end = first === "[" ? "]" : first;
  return piece.length > 1 && piece.endsWith(end) ? null : first;
}

/** A comment that is still open goes on in the next line, and so is not nothing. */
function isClosedComment(piece: string): boolean {
  return piece.startsWith("--") || (piece.startsWith("/*") && /^\/\*[\s\S]*\*\/$/.test(piece));
}
