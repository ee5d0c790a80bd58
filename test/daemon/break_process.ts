/**
 * Preloaded into the daemon by a test (`node --import`): SIGUSR2 breaks it, as a defect would.
 */
const ways: Readonly<Record<string, () => void>> = {
  block() {
    for (;;);
  },
  throw() {
    throw new Error("a defect");
  },
  // What V8 does when its heap is full.
  abort: () => process.abort(),
};

process.on("SIGUSR2", () => ways[process.env["AUDITQL_TEST_BREAK"] ?? ""]?.());
