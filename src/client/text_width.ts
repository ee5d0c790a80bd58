import { eastAsianWidth } from "get-east-asian-width";

const printableAscii = /^[\x20-\x7e]*$/;
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

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
