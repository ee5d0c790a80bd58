/** What a piece of text is. */
export type PaintStyle =
  | "header"
  | "frame"
  | "null"
  | "number"
  | "keyword"
  | "string"
  | "comment"
  | "function"
  | "table"
  | "command"
  | "error";

/** Adds colour to text that is safe to show. */
export type Paint = (role: PaintStyle, text: string) => string;

/** ECMA-48 "select graphic rendition": the sixteen colours that every terminal's theme defines. */
const renditions: Readonly<Record<PaintStyle, string>> = {
  header: "1",
  frame: "2",
  null: "2;3",
  number: "35",
  keyword: "1;34",
  string: "32",
  comment: "2",
  function: "36",
  table: "33",
  command: "1;35",
  error: "1;31",
};

export const noPaint: Paint = (_role, text) => text;

export const terminalPaint: Paint = (role, text) =>
  text === "" ? "" : `\x1b[${renditions[role]}m${text}\x1b[0m`;

const rendition = /\p{Cc}\[[0-9;]*m/gu;

/** The text without what terminalPaint() added. */
export function withoutPaint(text: string): string {
  return text.replace(rendition, "");
}

/** Whether a terminal is to be given colours. https://no-color.org */
export function wantsColour(env: Readonly<Record<string, string | undefined>>): boolean {
  return !env["NO_COLOR"] && (env["TERM"] ?? "dumb") !== "dumb";
}

/** A string, perhaps a key, a number or a word of JSON. */
const jsonToken = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|null/g;

/** Colours one line of JSON. */
export function paintJson(json: string, paint: Paint): string {
  if (paint === noPaint) return json;
  return json.replace(jsonToken, (token, colon: string | undefined) => {
    if (token === "null") return paint("null", token);
    if (!token.startsWith('"')) return paint("number", token);
    if (colon === undefined) return paint("string", token);
    return paint("header", token.slice(0, -colon.length)) + colon;
  });
}
