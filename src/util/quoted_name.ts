/** A name as an identifier of SQL, whatever its characters. https://www.sqlite.org/lang_keywords.html */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
