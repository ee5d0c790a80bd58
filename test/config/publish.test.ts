import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { PublishConfig } from "../../src/config/config.js";
import { requireConfig } from "../../src/config/load_config.js";
import { temporaryFolder } from "./temporary_folder.js";

interface Loaded {
  readonly publish: PublishConfig;
  readonly warnings: readonly string[];
}

function load(context: TestContext, content: object, flags: readonly string[] = []): Loaded {
  const path = join(temporaryFolder(context), "osquery.conf");
  writeFileSync(path, JSON.stringify(content));
  const { config, warnings } = requireConfig({ args: [`--config_path=${path}`, ...flags] });
  return { publish: config.publish, warnings: warnings.map(({ message }) => message) };
}

const fim = { file_paths: { etc: ["/etc/%%"] }, file_accesses: ["etc"] };

test("files are watched with --enable_file_events only, and who forgot it is told", (context) => {
  const off = load(context, fim);
  assert.equal(off.publish.fileEvents, null);
  assert.match(off.warnings.join(), /no file is watched without --enable_file_events/);
  const on = load(context, fim, ["--enable_file_events", "--read_max=1000"]);
  assert.deepEqual(on.warnings, []);
  assert.deepEqual(on.publish.fileEvents, { signatures: [], maxHashBytes: 1000 });
  assert.deepEqual(on.publish.categories, [
    { name: "etc", paths: ["/etc/%%"], queries: [], withAccesses: true },
  ]);
});

test("a pack's file_paths are joined with those of the file", (context) => {
  const { publish } = load(
    context,
    { ...fim, packs: { p: { file_paths: { etc: ["/usr/local/etc/%"], home: ["/root/%"] } } } },
    ["--enable_file_events"],
  );
  assert.deepEqual(
    publish.categories.map(({ name, paths }) => [name, ...paths]),
    [
      ["etc", "/etc/%%", "/usr/local/etc/%"],
      ["home", "/root/%"],
    ],
  );
});

test("what cannot be watched is warned about", (context) => {
  const { warnings } = load(
    context,
    {
      file_paths: { a: ["etc/passwd"] },
      file_accesses: ["b"],
      yara: { file_paths: { a: ["missing"] } },
    },
    ["--enable_file_events"],
  );
  assert.match(warnings.join("\n"), /"etc\/passwd" is not an absolute path/);
  assert.match(warnings.join("\n"), /unknown category of file_paths: "b"/);
  assert.match(warnings.join("\n"), /unknown group of signatures: "missing"/);
});

test("syslog and devices follow osquery's flags", (context) => {
  const plain = load(context, {}).publish;
  assert.equal(plain.syslog, null);
  assert.deepEqual(plain.devices, { disabledTypes: "partition" });
  const { publish } = load(context, {}, [
    "--enable_syslog",
    "--syslog_pipe_path=/run/p",
    "--syslog_rate_limit=7",
    "--hardware_disabled_types=disk,partition",
  ]);
  assert.deepEqual(publish.syslog, { pipePath: "/run/p", maxLinesPerTurn: 7 });
  assert.deepEqual(publish.devices, { disabledTypes: "disk,partition" });
});

test("events.disable_subscribers and disable_events turn publishers off", (context) => {
  const events = {
    disable_subscribers: ["hardware_events"],
    enable_subscribers: ["syslog_events"],
  };
  const chosen = load(context, { events }).publish;
  assert.equal(chosen.devices, null);
  assert.notEqual(chosen.syslog, null);
  const off = load(context, fim, ["--enable_file_events", "--disable_events"]).publish;
  assert.equal(off.fileEvents, null);
  assert.equal(off.devices, null);
});
