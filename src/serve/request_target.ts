/** Where targets are routed to that no route could read; the guard and the error handler see them
 * like every other request. */
export const unreadableTarget = "/unreadable";

const absolute = /^https?:\/\/([^/?#]*)(.*)$/is;

/** What a request is routed by: the path and the query of its target (RFC 9112, section 3.2). */
export function routedTarget(target: string): string {
  const origin = absolute.exec(target)?.[2] ?? target;
  const path = origin.startsWith("?") || origin === "" ? `/${origin}` : origin;
  return path.startsWith("/") && isDecodable(path) ? path : unreadableTarget;
}

/** The host that a target in absolute form names; null for other forms. */
export function authorityOf(target: string): string | null {
  return absolute.exec(target)?.[1] ?? null;
}

function isDecodable(target: string): boolean {
  try {
    decodeURIComponent(target.split(/[?#]/, 1)[0] ?? "");
    return true;
  } catch {
    // A percent sign without two digits, or bytes that are not UTF-8.
    return false;
  }
}
