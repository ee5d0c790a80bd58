import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const modulePath = pathToFileURL("scripts/skip_reasons.mjs").href;

/** Runs a test file that skips with these reasons; gives what the scripts make of its output. */
function skipsOf(reasons: readonly string[]): { reasons: string[]; failures: number } {
  const folder = mkdtempSync(join(tmpdir(), "auditql-skips-"));
  try {
    const file = join(folder, "some.test.mjs");
    const tests = reasons.map(
      (reason, index) =>
        `test("claim (${index}) # x", { skip: ${JSON.stringify(reason)} }, () => {});`,
    );
    const inside = 'test("in it", (context) => context.skip("no libyara"));';
    writeFileSync(file, `import { test } from "node:test";\n${tests.join("\n")}\n${inside}\n`);
    // Within node:test its own variable would make the reporter one for machines.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const run = spawnSync(process.execPath, ["--test", "--test-reporter=spec", file], {
      encoding: "utf8",
      env,
    });
    const script = `
      import { nodeSkips, reportSkips } from ${JSON.stringify(modulePath)};
      const reasons = nodeSkips(${JSON.stringify(run.stdout)});
      console.log = () => {};
      const failures = reportSkips(reasons, { isContinuousIntegration: true });
      process.stdout.write(JSON.stringify({ reasons, failures }));`;
    const read = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    return JSON.parse(read.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("with CI=true a skip for want of a package is a failure, one for the kernel's is not", () => {
  const reasons = ["lsusb is not installed", "the kernel has no modules", "no x86 processor"];
  assert.deepEqual(skipsOf(reasons), { reasons: [...reasons, "no libyara"], failures: 2 });
});
