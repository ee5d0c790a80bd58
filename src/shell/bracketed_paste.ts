import type { TakeKey } from "./key_router.js";

/** Asks the terminal to mark what is pasted, so that its line breaks run nothing by themselves
 * (xterm's control sequences, "Bracketed Paste Mode"). */
export const markPastes = "\x1b[?2004h";
export const leavePastesUnmarked = "\x1b[?2004l";

/** Statements are at most half as long; a longer paste is a mistake. */
const maxCharacters = 256 * 1024;

/** Takes what the terminal marks as pasted; `onPaste` gets it whole, null when it is too long. */
export function takePastes(onPaste: (text: string | null) => void): TakeKey {
  let pieces: string[] | null = null;
  let characters = 0;
  return ({ name, sequence = "" }) => {
    if (name === "paste-start") {
      pieces = [];
      characters = 0;
      return true;
    }
    // Control characters do not come in pastes: the end of this one got lost.
    if (sequence === "\x03") pieces = null;
    if (pieces === null) return name === "paste-end";
    if (name === "paste-end") {
      onPaste(characters > maxCharacters ? null : plainText(pieces.join("")));
      pieces = null;
      return true;
    }
    characters += sequence.length;
    if (characters <= maxCharacters) pieces.push(sequence);
    return true;
  };
}

/** Lines as the editor takes them; control characters, which it would obey, are left out, and the
 * end of the last line, which is for the Enter key. */
function plainText(pasted: string): string {
  const lines = pasted.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  return lines.replace(/(?![\n\t])\p{Cc}/gu, "");
}
