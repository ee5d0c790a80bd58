import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "./eventually.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { whyNotAudit } from "./tested_backend.js";

/** Events that the kernel keeps for each inotify instance that is opened from then on. */
const limitPath = "/proc/sys/fs/inotify/max_queued_events";
const limit = 16;
const skip = skipReason(
  "overflow of inotify's queue, live",
  whyNotAudit("it captures nothing, so that one run is enough"),
);

/** Runs `open` with the lowered limit; it is put back however that ends. */
async function withSmallQueues<T>(open: () => Promise<T>): Promise<T> {
  const found = readFileSync(limitPath, "utf8");
  writeFileSync(limitPath, `${limit}`);
  try {
    return await open();
  } finally {
    writeFileSync(limitPath, found);
  }
}

describe("a watcher whose inotify queue overflows", { skip }, () => {
  const host = hostPerTest();

  test("counts that, and finds every file and folder that it was not told of", async () => {
    const watched = join(host.home.path, "watched");
    const elsewhere = join(host.home.path, "elsewhere");
    for (const folder of [join(watched, "known"), elsewhere])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(elsewhere, "old"), "made long before, and moved with its folder");
    const daemon = await withSmallQueues(() =>
      host.start({
        config: {
          options: { enable_file_events: true },
          auditql: {
            state_path: host.home.statePath,
            http: { port: 0 },
            capture: { backend: "none" },
          },
          file_paths: { tree: [`${watched}/%%`] },
        },
      }),
    );
    const health = (metric: string) =>
      `select value from auditql_health where name = 'file_events' and metric = '${metric}'`;
    await daemon.numberOnce(health("scans"), 1);
    // It cannot read meanwhile, so the queue overflows for sure.
    daemon.signal("SIGSTOP");
    await eventually(
      async () => readFileSync(`/proc/${daemon.pid}/status`, "utf8"),
      (status) => /^State:\s+T/m.test(status),
    );
    const names = Array.from({ length: limit * 4 }, (_, number) => `known/${number}`);
    for (const name of names) writeFileSync(join(watched, name), name);
    mkdirSync(join(watched, "new", "deep"), { recursive: true });
    writeFileSync(join(watched, "new", "deep", "f"), "new");
    renameSync(elsewhere, join(watched, "moved"));
    daemon.signal("SIGCONT");
    const told = `select distinct target_path from file_events
      where target_path not in ('${watched}/known', '${watched}/new', '${watched}/new/deep', '${watched}/moved')`;
    const expected = [...names, "new/deep/f", "moved/old"].map((name) => join(watched, name));
    const rows = await daemon.rowsOnce(told, expected.length);
    assert.deepEqual(rows.map((row) => row["target_path"]).toSorted(), expected.toSorted());
    assert.ok((await daemon.number(`${health("dropped")} and reason = 'overflow'`)) >= 1);
    // The folders that came are watched, and those that were known still are.
    for (const folder of ["known", "new/deep", "moved"]) {
      const path = join(watched, folder, "after");
      writeFileSync(path, "x");
      rmSync(path);
      const deleted = `select 1 from file_events where action = 'DELETED' and target_path = '${path}'`;
      assert.equal((await daemon.rowsOnce(deleted, 1)).length, 1, folder);
    }
  });
});
