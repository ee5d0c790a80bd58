/**
 * Characters that drive a terminal, reorder what is shown, or show nothing: controls, format
 * characters, line separators, lone surrogates, letters without ink. The joiners of scripts and emoji
 * stay where they join something, which is never after ASCII. Rows hold what attackers typed: none of
 * these may reach a screen.
 */
const unsafe =
  /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]|(?<!\P{ASCII})[\u200c\u200d]/u;
const unsafeGlobal = new RegExp(unsafe.source, "gu");

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
