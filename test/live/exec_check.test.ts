import assert from "node:assert/strict";
import { release } from "node:os";
import { describe, test } from "node:test";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { settledRows, whileRunning } from "./settled_rows.js";
import { testedBackend, whyNoCapture } from "./tested_backend.js";

/** The connector's own test needs one run only. */
const backends = testedBackend === "audit" ? ["audit", "proc-connector"] : [testedBackend];

function whyNoCheck(): string | null {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 14) ? null : "needs AT_EXECVE_CHECK (Linux 6.14)";
}

const skip = skipReason(
  "checks of executables, live",
  whyNoCapture() ?? whyNoCompiler() ?? whyNoCheck(),
);

describe("a check whether a file may be executed, live", { skip }, () => {
  const program = compiledProgram("exec_check");
  const host = hostPerTest();

  for (const backend of backends) {
    test(`is no exec for the backend ${backend}`, async () => {
      const auditql = {
        state_path: host.home.statePath,
        http: { port: 0 },
        log: {},
        capture: { backend },
      };
      await host.start({ config: { auditql } });
      await whileRunning(program, ["--evil"], async ([pid = "", answer = ""]) => {
        assert.equal(answer, "0");
        const lifetimes = await settledRows(
          host.daemon,
          `select execs, cmdline, path from process_lifetimes where pid = ${pid}`,
          1,
        );
        const cmdline = `${program.path} --evil`;
        assert.deepEqual(lifetimes, [{ execs: 1, cmdline, path: program.path }]);
        const events = `select cmdline from process_events
          where pid = ${pid} and event_action = 'exec'`;
        assert.deepEqual(await host.daemon.query(events), [{ cmdline }]);
      });
    });
  }
});
