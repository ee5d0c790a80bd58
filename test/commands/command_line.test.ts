import assert from "node:assert/strict";
import { test } from "node:test";
import { allCommands } from "../../src/commands/all.js";
import { exitStatuses } from "../../src/commands/exit_status.js";
import { errorCodes } from "../../src/error_codes/all.js";
import { runAuditql } from "./command_run.js";

test("--version prints the version", async () => {
  for (const word of ["-V", "-v", "version"]) {
    assert.deepEqual(await runAuditql([word]), await runAuditql(["--version"]), word);
  }
  assert.deepEqual(await runAuditql(["--version"]), {
    status: 0,
    stdout: "auditql 1.2.3\n",
    stderr: "",
  });
});

test("without a command the overview goes to stderr and the status is 2", async () => {
  const run = await runAuditql([]);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /^NAME\n/);
});

test("the overview lists every command", async () => {
  const { stdout } = await runAuditql(["--help"]);
  for (const command of allCommands) assert.ok(stdout.includes(`    ${command.name} `));
});

for (const command of allCommands) {
  test(`${command.name} --help is a page of 80 columns with every option`, async () => {
    const words = command.name.split(" ");
    const { stdout, status } = await runAuditql([...words, "--help"]);
    assert.equal(status, 0);
    for (const title of ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES"]) {
      assert.match(stdout, new RegExp(`^${title}$`, "m"));
    }
    for (const name of Object.keys(command.options)) assert.ok(stdout.includes(`--${name}`), name);
    const prose = stdout.slice(0, stdout.indexOf("EXAMPLES"));
    for (const line of prose.split("\n")) assert.ok(line.length <= 80, line);
    assert.equal((await runAuditql(["help", ...words])).stdout, stdout);
  });
}

test("an unknown command is answered with the nearest one", async () => {
  const run = await runAuditql(["qeury"]);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /usage: Unknown command "qeury"\. Did you mean "query"\?/);
});

test("an unknown option is answered with the nearest one", async () => {
  const run = await runAuditql(["query", "--fromat", "json", "select 1"]);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /Unknown option --fromat\. Did you mean "--format"\?/);
});

test("an option without its value, or with one it does not take, is usage", async () => {
  const cases = [
    ["query", "--format"],
    ["query", "--format", "jsn", "select 1"],
    ["query", "--no-header=yes", "select 1"],
    ["query", "--timeout", "soon", "select 1"],
    ["query", "--max-rows", "1.5", "select 1"],
    ["query", "--max-rows", "-1", "select 1"],
    ["query", "--url", "ftp://x", "select 1"],
    ["query", "--url", "http://x", "--socket", "y", "select 1"],
  ];
  for (const args of cases) {
    const run = await runAuditql(args);
    assert.equal(run.status, 2, args.join(" "));
    assert.match(run.stderr, /^auditql: usage: /, args.join(" "));
  }
});

test("after -- everything is an operand", async () => {
  const run = await runAuditql(["query", "--socket", "/nonexistent", "--", "-f"]);
  assert.equal(run.status, 69);
});

test("every exit status of the error table is explained", () => {
  for (const { exitCode } of Object.values(errorCodes)) assert.ok(exitStatuses[exitCode]);
});
