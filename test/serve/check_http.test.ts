import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkHttp } from "../../src/serve/check_http.js";
import { loadGood } from "../config/loaded_config.js";
import { temporaryFolder } from "../config/temporary_folder.js";

function problemsOf(context: TestContext, auditql: object) {
  const { config } = loadGood(context, { "auditql.conf": JSON.stringify({ auditql }) });
  return checkHttp(config).map(({ code, keys, message }) => ({
    code,
    key: keys.join("."),
    message,
  }));
}

test("a socket path is too long by the setting that makes it so", (context) => {
  const long = `/${"x".repeat(120)}`;
  for (const [settings, key] of [
    [{ state_path: long }, "auditql.state_path"],
    [{ state_path: long, http: { socket_path: long } }, "auditql.http.socket_path"],
  ] as const) {
    const [problem, ...others] = problemsOf(context, settings);
    assert.equal(problem?.key, key);
    assert.ok(problem?.message.startsWith(`${key}: `), problem?.message);
    assert.deepEqual(others, []);
  }
});

test("each TLS file that cannot be used is a problem of its own", (context) => {
  const folder = temporaryFolder(context);
  const noKey = join(folder, "key");
  writeFileSync(noKey, "no key");
  chmodSync(noKey, 0o600);
  const problems = problemsOf(context, {
    http: {
      tls: {
        certificate_path: "/nonexistent/c",
        key_path: noKey,
        client_ca_path: "/nonexistent/a",
      },
    },
  });
  assert.deepEqual(
    problems.map(({ code, key }) => [code, key]),
    ["certificate_path", "key_path", "client_ca_path"].map((name) => [
      "tls_broken",
      `auditql.http.tls.${name}`,
    ]),
  );
  assert.match(problems.map(({ message }) => message).join("\n"), /c: .*\n.*key: .*\n.*a: /);
});
