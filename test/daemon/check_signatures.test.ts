import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkSignatures } from "../../src/daemon/check_signatures.js";
import { loadAddon } from "../../src/native/addon.js";
import { loadGood } from "../config/loaded_config.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { skip } from "../sql/pool_fixture.js";

test("files of YARA rules are checked also where no file is scanned with them", {
  skip,
}, (context) => {
  const sound = join(temporaryFolder(context), "sound.yar");
  writeFileSync(sound, "rule sound { condition: true }");
  const signatures = { one: [sound, "/nonexistent/a.yar"], other: ["/nonexistent/b.yar"] };
  const text = JSON.stringify({
    file_paths: { here: ["/srv/%"] },
    packs: { p: { yara: { signatures, file_paths: { here: ["one"] } } } },
  });
  for (const [flags, severity] of [
    [["--enable_file_events"], "skip"],
    [[], "warning"],
  ] as const) {
    const { config } = loadGood(context, { "osquery.conf": text }, flags);
    const problems = checkSignatures(config, loadAddon());
    assert.deepEqual(
      problems.map(({ severity, keys }) => [severity, keys.join(" ")]),
      [
        [severity, "yara signatures one /nonexistent/a.yar"],
        ["warning", "yara signatures other /nonexistent/b.yar"],
      ],
    );
  }
});
