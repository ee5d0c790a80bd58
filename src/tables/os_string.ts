import { isUtf8 } from "node:buffer";

// File names and arguments are bytes, not text. A byte that is no UTF-8 travels as a lone
// surrogate (U+DC80..U+DCFF, as in Python's PEP 383), so that the path still opens the file,
// and is shown as \xHH.
const loneBase = 0xdc00;
const loneSurrogate = /\p{Surrogate}/u;

/** Length of the UTF-8 sequence at `at`, or 0 when the bytes there are none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

function decodeWith(bytes: Uint8Array, invalid: (byte: number) => string): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) parts.push(invalid(bytes[at] ?? 0));
    else parts.push(Buffer.from(bytes.subarray(at, at + length)).toString("utf8"));
    at += Math.max(length, 1);
  }
  return parts.join("");
}

/** A path or name as a string from which encodePath() gets the same bytes back. */
export function decodePath(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return decodeWith(bytes, (byte) => String.fromCharCode(loneBase + byte));
}

/** What open(2) is to be given for a string of decodePath(). */
export function encodePath(path: string): string | Buffer {
  if (!loneSurrogate.test(path)) return path;
  const chunks = [...path].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    const escaped = code >= loneBase + 0x80 && code <= loneBase + 0xff;
    return escaped ? Buffer.from([code - loneBase]) : Buffer.from(character, "utf8");
  });
  return Buffer.concat(chunks);
}

const escapeByte = (byte: number): string => `\\x${byte.toString(16).toUpperCase()}`;

/** A path as rows show it. */
export function shownPath(path: string): string {
  if (!loneSurrogate.test(path)) return path;
  return [...path]
    .map((character) =>
      !loneSurrogate.test(character) ? character : escapeByte(character.charCodeAt(0) - loneBase),
    )
    .join("");
}

/** Bytes of a file or of an argument list as rows show them. */
export function shownText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return decodeWith(bytes, escapeByte);
}

/** A path without slashes that mean nothing: doubled ones, and those at the end. */
export function plainPath(path: string): string {
  return path.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
}
