/** Address from the hexadecimal form of /proc/net, whose 32-bit words are in host order, which
 * is little-endian on every architecture that auditql runs on. */
export function addressFromHex(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let pair = 6; pair >= 0; pair -= 2) {
      bytes.push(Number.parseInt(hex.slice(word + pair, word + pair + 2), 16));
    }
  }
  return bytes.length === 4 ? bytes.join(".") : ipv6Text(bytes);
}

/** Longest run of two or more zero groups, the first of equals (RFC 5952, 4.2). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** IPv6 address of 16 bytes as inet_ntop(3) writes it. */
export function ipv6Text(bytes: readonly number[]): string {
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  const run = longestZeroRun(groups);
  const hasIpv4 =
    run.start === 0 && (run.length === 6 || (run.length === 5 && groups[5] === 0xffff));
  const tail = hasIpv4 ? bytes.slice(12).join(".") : null;
  const shown = groups.slice(0, hasIpv4 ? 6 : 8).map((group) => group.toString(16));
  if (run.start < 0) return shown.join(":");
  const before = shown.slice(0, run.start).join(":");
  const after = shown.slice(run.start + run.length).concat(tail ?? []);
  return `${before}::${after.join(":")}`;
}
