const maxLooks = 5;

/** A line that comes twice is two lines. */
function numbered(lines: readonly string[]): Set<string> {
  const times = new Map<string, number>();
  return new Set(
    lines.map((line) => {
      const time = (times.get(line) ?? 0) + 1;
      times.set(line, time);
      return time === 1 ? line : `${line} (${time})`;
    }),
  );
}

/**
 * Where a table differs from an independent source: `- line` was told and not shown, `+ line` was
 * shown and not told.
 *
 * Nothing holds a host still between two reads. So the source is asked before and after the table;
 * only what it told both times must be shown, and only what it told neither time must not be. What
 * comes or goes twice meanwhile is looked at again: a difference is one that every look has.
 */
export function lastingDifferences(
  told: () => readonly string[],
  shown: () => readonly string[],
): readonly string[] {
  const look = () => {
    const before = numbered(told());
    const rows = numbered(shown());
    const after = numbered(told());
    const missing = [...before].filter((line) => after.has(line) && !rows.has(line));
    const invented = [...rows].filter((line) => !before.has(line) && !after.has(line));
    return [...missing.map((line) => `- ${line}`), ...invented.map((line) => `+ ${line}`)];
  };
  let lasting = look();
  for (let looks = 1; looks < maxLooks && lasting.length > 0; looks++) {
    const again = new Set(look());
    lasting = lasting.filter((line) => again.has(line));
  }
  return lasting;
}
