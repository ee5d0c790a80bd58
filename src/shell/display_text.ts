import { eastAsianWidth } from "get-east-asian-width";

/**
 * Characters that drive a terminal or reorder what it shows: controls, format characters but the
 * joiners of scripts and emoji, line separators, lone surrogates. Rows hold what attackers typed:
 * none of these may reach a screen.
 */
const unsafe = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const unsafeGlobal = new RegExp(unsafe.source, "gu");
const printableAscii = /^[\x20-\x7e]*$/;
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** The text with unsafe characters written out: `\n`, `\x1b`, `\u202e`. */
export function displayText(text: string): string {
  return unsafe.test(text) ? text.replace(unsafeGlobal, escapeCharacter) : text;
}

/** The same for a text of several lines. */
export function displayLines(text: string): string {
  return text.split("\n").map(displayText).join("\n");
}

/** JSON stays the same JSON: characters that it may hold raw become escapes that it may hold too. */
export function displayJson(json: string): string {
  if (!unsafe.test(json)) return json;
  return json.replace(unsafeGlobal, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`,
    ).join(""),
  );
}

/** Columns of a terminal that a text without control characters takes. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts a text into pieces of at most `width` columns. */
export function wrapText(text: string, width: number): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of text) {
    const own = characterWidth(character);
    if (used + own > width && piece !== "") {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += own;
  }
  pieces.push(piece);
  return pieces;
}

function characterWidth(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (zeroWidth.test(character)) return 0;
  return eastAsianWidth(character.codePointAt(0) ?? 0x20);
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
