/** A JSON string as osquery's rapidjson writes it: like JSON.stringify, with upper-case hex. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(/\\(u[0-9a-f]{4}|.)/g, (written, rest: string) =>
    rest.length > 1 ? `\\u${rest.slice(1).toUpperCase()}` : written,
  );
}

const backslash = 0x5c;
const shortEscapes: Readonly<Record<string, string>> = {
  b: "08",
  f: "0C",
  n: "0A",
  r: "0D",
  t: "09",
};

/**
 * Writes control characters of a JSON text as `\xHH`, as osquery does in differential results:
 * its escapeNonPrintableBytes() runs on the values before they become JSON.
 */
export function escapeControlCharacters(json: Buffer): Buffer {
  // Control characters are always escaped in JSON, so most rows need no more than this look.
  if (!json.includes(backslash)) return json;
  const text = json.toString("utf8").replace(/\\(u([0-9a-fA-F]{4})|.)/g, (written, rest, hex) => {
    const short = shortEscapes[rest];
    if (short !== undefined) return `\\\\x${short}`;
    if (hex === undefined || Number.parseInt(hex, 16) >= 0x20) return written;
    return `\\\\x${hex.slice(2).toUpperCase()}`;
  });
  return Buffer.from(text, "utf8");
}
