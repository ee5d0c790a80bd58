/**
 * The host's clock in microseconds since 1970. Node tells milliseconds; what is below them comes
 * from its monotonic clock, laid so that both tell the same millisecond, also after the host's clock
 * was set.
 */
export function createMicrosecondClock(
  wallMs: () => number = Date.now,
  monotonicMs: () => number = () => performance.now(),
): () => number {
  let offsetMs = wallMs() - monotonicMs();
  return () => {
    const ms = wallMs();
    const monotonic = monotonicMs();
    // Each reading that does not fit moves the offset by as little as makes it fit.
    const [least, most] = [ms - monotonic, ms + 0.999 - monotonic];
    offsetMs = Math.min(Math.max(offsetMs, least), most);
    const microseconds = Math.floor((monotonic + offsetMs - ms) * 1000);
    return ms * 1000 + Math.min(Math.max(microseconds, 0), 999);
  };
}
