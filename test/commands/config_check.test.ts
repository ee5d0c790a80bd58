import assert from "node:assert/strict";
import { linkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../config/temporary_folder.js";
import { skip } from "../sql/pool_fixture.js";
import { check } from "./checked_config.js";
import { runAuditql } from "./command_run.js";

test("the shipped configuration is clean", { skip }, async () => {
  const run = await runAuditql(["config", "check", "--config_path=packs/auditql.conf"]);
  assert.equal(run.status, 0);
  assert.doesNotMatch(run.stdout, /warning|error/);
});

test("the verdict says for which program the file is written, and why", { skip }, async (t) => {
  const facts = async (name: string, config: object) =>
    (await check(t, JSON.stringify(config), { name })).lines.join("\n");
  const foreign = await facts("c2.conf", {});
  assert.match(
    foreign,
    /written for osquery, because no file has the key auditql, and the name c2\.conf does not start with auditql/,
  );
  assert.match(foreign, /results in \/.*osqueryd\.results\.log/);
  assert.match(
    await facts("c2.conf", { auditql: {} }),
    /written for auditql, because c2\.conf has the key auditql/,
  );
  assert.match(
    await facts("auditql-a.conf", {}),
    /written for auditql, because the name auditql-a\.conf starts with auditql/,
  );
});

test("the check warns of excluded programs that the kernel cannot tell from others", {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  for (const name of ["plain", "original"]) writeFileSync(path(name), "");
  linkSync(path("original"), path("name"));
  symlinkSync(path("plain"), path("link"));
  const exclude = [
    { exe: path("plain") },
    { exe: path("name") },
    { exe: path("link") },
    { exe: path("missing") },
    `-a never,exit -S all -F exe=${path("name")}`,
    `-a never,exit -S all -F path=${path("plain")}`,
  ];
  const { status, lines } = await check(t, JSON.stringify({ auditql: { capture: { exclude } } }));
  assert.equal(status, 0);
  const warnings = lines.filter((line) => line.includes("warning: "));
  assert.equal(warnings.length, 3, lines.join("\n"));
  assert.match(warnings.join("\n"), /exclude\.4: .*name has several names \(hard links\)/);
  assert.match(warnings.join("\n"), /exclude\.1: .*name has several names \(hard links\)/);
  assert.match(
    warnings.join("\n"),
    /exclude\.2: .*link is reached through .*; use .*plain instead/,
  );
});

test("the daemon with --config_check checks, says what the command says, and ends", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "auditql.conf");
  for (const [text, status] of [
    ["{}", 0],
    ['{"schedule":{"q":{"query":"select pidd from processes","interval":10}}}', 78],
  ] as const) {
    writeFileSync(path, text);
    const flag = `--config_path=${path}`;
    const command = await runAuditql(["config", "check", flag]);
    const daemon = await runAuditql(["daemon", "--config_check", flag]);
    assert.equal(daemon.status, status);
    assert.deepEqual([daemon.stdout, daemon.stderr], [command.stdout, command.stderr]);
  }
});
