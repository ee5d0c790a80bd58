import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublishStages } from "../../src/daemon/publish_events.js";
import { publishEvents } from "../../src/daemon/publish_events.js";
import { loadGood } from "../config/loaded_config.js";

test("a reload does not repeat the warnings of the last one, and tells those that return", async (context) => {
  const text = (paths: readonly string[]) =>
    JSON.stringify({
      file_paths_query: Object.fromEntries(paths.map((name) => [name, ["select 1"]])),
    });
  const said: string[] = [];
  const failing = () => {
    throw new Error("no such table");
  };
  const stages: PublishStages = {
    engine: { publish: () => [] },
    runner: { run: failing, inspect: failing } as never,
    log: { warn: (message: string) => void said.push(message) } as never,
    warned: new Set(),
    onProblems: () => {},
  };
  for (const [names, expected] of [
    [["a"], 1],
    [["a"], 1],
    [["a", "b"], 2],
    [[], 2],
    [["a"], 3],
  ] as const) {
    const files = { "osquery.conf": text(names) };
    const { config } = loadGood(context, files, ["--enable_file_events"]);
    await publishEvents(config, stages);
    assert.equal(said.length, expected, said.join("\n"));
  }
});
