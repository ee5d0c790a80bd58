import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load_config.js";
import { secretFilesOf } from "../../src/config/secret_files.js";

test("tokens, keys, configuration and every file that it names for a secret are secret", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "auditql-secrets-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "auditql.conf");
  const logger = {
    module: "/opt/kafka.mjs",
    options: {
      password_file: "/etc/kafka/password",
      sasl: { clientKeyPath: "/etc/kafka/client.key" },
      brokers: ["/not/a/secret"],
      credentials: ["/etc/kafka/first", "in the file itself"],
    },
  };
  const tls = { certificate_path: "/etc/tls/cert.pem", key_path: "/etc/tls/key.pem" };
  const auditql = {
    state_path: "/var/lib/auditql-test",
    http: { token_path: "/etc/auditql/token", tls },
    enrichment: { kubelet: { url: "https://127.0.0.1:10250", token_path: "/run/pods/token" } },
    log: { loggers: { kafka: logger } },
  };
  writeFileSync(path, JSON.stringify({ options: { logger_plugin: "kafka" }, auditql }));
  const flagfile = join(directory, "flags");
  writeFileSync(flagfile, `--config_path=${path}\n`);
  const { config, problems } = loadConfig({ args: [`--flagfile=${flagfile}`] });
  assert.ok(config !== null, JSON.stringify(problems));
  assert.deepEqual([...secretFilesOf(config)].sort(), [
    "/etc/auditql/token",
    "/etc/kafka/client.key",
    "/etc/kafka/first",
    "/etc/kafka/password",
    "/etc/tls/key.pem",
    "/run/pods/token",
    path,
    flagfile,
    "/var/lib/auditql-test",
    "/var/lib/auditql-test/tokens",
  ]);
});
