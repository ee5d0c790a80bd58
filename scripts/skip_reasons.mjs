// Why tests were skipped, and which of these reasons a machine for continuous integration may have:
// what no package brings. Any other reason is a failure there, so that no part goes untested unseen.

const unavoidable = [
  // The kernel, its modules and its mounts.
  /^the kernel has no /,
  /^ip_tables cannot be read$/,
  /^no mount namespaces here$/,
  /^no loop device$/,
  /^the file system takes no /,
  /^times of files move with the clock's ticks before Linux/,
  // Auditing that belongs to someone else, or to another namespace.
  /^audit rules are (?:immutable|locked)/,
  /^the audit netlink is owned by process /,
  /^auditctl -s: /,
  /^needs root and an audit subsystem$/,
  /^needs root, auditctl and a host without audit rules$/,
  // The user: one machine has one.
  /^root has every right$/,
  // The processor.
  /^no x86 processor$/,
  // Collections of recordings that are not in the repository.
  /^(?:no corpus|the corpus is not here|needs the corpora)\b/,
  / is not there: set AUDITQL_REFERENCE$/,
  // A suite that is about audit itself, in the run of the live tests on another backend.
  /^of audit alone: /,
  // Sanitizers take part in what is tested.
  /\(.*sanitizers? .*\)$/,
];

/** True for what no installation of packages changes. */
export function isUnavoidable(reason) {
  return unavoidable.some((pattern) => pattern.test(reason));
}

/** Of tests of node:test, as its reporter `spec` prints them. */
export function nodeSkips(stdout) {
  return [...stdout.matchAll(/^\s*﹣ .+ \([\d.]+ms\) # (.+)$/gm)].map(([, reason]) => reason);
}

/** Of C++ programs. */
export function nativeSkips(stdout) {
  return [...stdout.matchAll(/^skipped: (.+)$/gm)].map(([, reason]) => reason);
}

/** Prints each reason once; gives how many skips are a failure on a machine of that kind. */
export function reportSkips(reasons, { isContinuousIntegration }) {
  const counts = new Map();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  let failures = 0;
  for (const [reason, count] of counts) {
    const isFailure = isContinuousIntegration && !isUnavoidable(reason);
    if (isFailure) failures += count;
    console.log(`${count} skipped: ${reason}${isFailure ? " (a failure with CI=true)" : ""}`);
  }
  return failures;
}
