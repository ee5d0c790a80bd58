import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadConfig } from "../../src/config/load_config.js";
import { temporaryFolder } from "./temporary_folder.js";

function load(context: TestContext, exclude: unknown) {
  const path = join(temporaryFolder(context), "auditql.conf");
  writeFileSync(path, JSON.stringify({ auditql: { capture: { exclude } } }));
  const { config, problems } = loadConfig({ args: [`--config_path=${path}`] });
  return { capture: config?.capture, messages: problems.map(({ message }) => message) };
}

test("exclusions are criteria or auditctl lines, side by side", (t) => {
  const line = "-a never,exit -F arch=b64 -S connect -F uid=7";
  const { capture, messages } = load(t, [
    { exe: "/usr/bin/true", uid: 0, syscalls: ["execve"] },
    line,
    { exe_prefix: "/opt/", parent: "/usr/sbin/cron", auid: 4294967295, subject_type: "cron_t" },
  ]);
  assert.deepEqual(messages, []);
  assert.deepEqual(capture?.exclude, [
    { exe: "/usr/bin/true", uid: 0, syscalls: ["execve"] },
    line,
    {
      exePrefix: "/opt/",
      parent: "/usr/sbin/cron",
      auid: 4294967295,
      subjectType: "cron_t",
    },
  ]);
});

test("an exclusion that would exclude more than was meant is an error", (t) => {
  for (const [given, message] of [
    [{}, /must not have fewer than 1 properties/],
    [{ exe: "/usr/bin/true", user: 0 }, /exclude\.0\.user is an unknown key/],
    [{ exe: "true" }, /exclude\.0\.exe must match pattern/],
    [{ exe_prefix: "" }, /exclude\.0\.exe_prefix must match pattern/],
    [{ uid: "0x" }, /exclude\.0\.uid must be integer/],
    [{ syscalls: [] }, /exclude\.0\.syscalls must not have fewer than 1 items/],
  ] as const) {
    const { capture, messages } = load(t, [given]);
    assert.equal(capture, undefined, JSON.stringify(given));
    assert.match(messages.join("\n"), message);
  }
});
