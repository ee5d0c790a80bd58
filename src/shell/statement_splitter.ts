/** SQL text taken apart at the semicolons that end statements. */
export interface SplitText {
  readonly statements: readonly string[];
  /** What follows the last semicolon; empty when it is only blanks and comments. */
  readonly rest: string;
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
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [piece] = match;
    if (piece === ";") {
      if (hasContent) statements.push(current.trim());
      current = "";
      hasContent = false;
      continue;
    }
    current += piece;
    hasContent ||= !isClosedComment(piece) && piece.trim() !== "";
  }
  return { statements, rest: hasContent ? current : "" };
}

/** A comment that is still open goes on in the next line, and so is not nothing. */
function isClosedComment(piece: string): boolean {
  return piece.startsWith("--") || (piece.startsWith("/*") && /^\/\*[\s\S]*\*\/$/.test(piece));
}
