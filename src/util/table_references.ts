/**
 * How often a statement names a table, outside strings and comments. A column's qualifier
 * (`process_events.pid`) does not count. Counting once too often costs time, not rows.
 */
export function countReferences(sql: string, table: string): number {
  const tokens = sql.matchAll(
    /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([A-Za-z_]\w*)/g,
  );
  let count = 0;
  for (const token of tokens) {
    const name = token[1] ?? token[2] ?? token[3] ?? token[4];
    if (name?.toLowerCase() !== table.toLowerCase()) continue;
    const after = sql.slice(token.index + token[0].length);
    if (!/^\s*\./.test(after)) count++;
  }
  return count;
}
