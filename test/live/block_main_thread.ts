/**
 * Preloaded into the daemon by a test (`node --import`): SIGUSR2 blocks the main thread for 10 s.
 */
const blockedMs = 10_000;

process.on("SIGUSR2", () => {
  const end = performance.now() + blockedMs;
  while (performance.now() < end);
});
