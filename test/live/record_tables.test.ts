import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { hostPerSuite, skipReason } from "./live_host.js";
import { whyNotAudit } from "./tested_backend.js";

const skip = skipReason(
  "records of user space and seccomp, live",
  whyNotAudit("records of user space and seccomp come from it"),
);

/** prctl(2): in strict mode any call but read, write and _exit ends the process. */
const forbidden = `import ctypes, os
ctypes.CDLL(None).prctl(22, 1, 0, 0, 0)
os.getppid()`;

/** Runs a program and answers with its pid, which the kernel puts into its records. */
function pidOf(command: string, ...args: readonly string[]): number {
  const { pid, error } = spawnSync(command, args, { stdio: "ignore" });
  assert.equal(error, undefined, command);
  return pid;
}

describe("records that stand for themselves, live", { skip }, () => {
  const host = hostPerSuite();

  async function rowOf(sql: string): Promise<Readonly<Record<string, unknown>>> {
    const [row] = await host.daemon.rowsOnce(sql, 1);
    if (row !== undefined) return row;
    throw new Error(`no row: ${sql}`);
  }

  test("a message of auditctl -m is a row of user_events, of the process that sent it", async () => {
    const pid = pidOf("auditctl", "-m", "hello from the test");
    const row = await rowOf(
      `select record_type, message, text, path, result, process_uuid from user_events where pid = ${pid}`,
    );
    const { text, process_uuid: uuid, ...rest } = row;
    assert.match(String(text), /hello from the test/);
    assert.deepEqual(rest, {
      record_type: "USER",
      message: "text=hello",
      path: "/usr/sbin/auditctl",
      result: "success",
    });
    const started = await rowOf(
      `select process_uuid from process_events where pid = ${pid} and event_action = 'exec'`,
    );
    assert.equal(uuid, started["process_uuid"]);
  });

  test("a call that seccomp forbids is a row of seccomp_events", async () => {
    const pid = pidOf("python3", "-c", forbidden);
    const row = await rowOf(
      `select comm, sig, code, uid, syscall from seccomp_events where pid = ${pid}`,
    );
    assert.notEqual(row["syscall"], null);
    const { syscall: _, ...rest } = row;
    assert.deepEqual(rest, { comm: "python3", sig: 9, code: "KILL_THREAD", uid: 0 });
  });

  test("what su tells the audit system is in user_events", async (context) => {
    const pid = pidOf("su", "-s", "/bin/true", "nobody");
    await host.daemon.caughtUp();
    const rows = await host.daemon.query(
      `select record_type, operation, account from user_events where pid = ${pid} order by eid`,
    );
    // PAM is built without audit support on some hosts.
    if (rows.length === 0) return context.skip("su of this host says nothing");
    assert.ok(
      rows.every(({ operation }) => String(operation).startsWith("PAM:")),
      JSON.stringify(rows),
    );
    assert.ok(rows.some(({ account }) => account === "nobody"));
  });
});
