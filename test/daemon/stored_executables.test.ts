import assert from "node:assert/strict";
import { closeSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { Value } from "typebox/value";
import { type EnrichmentConfig, enrichmentSchema } from "../../src/config/enrichment_schema.js";
import { readStoredExecutables } from "../../src/daemon/stored_executables.js";
import { CpuBudget } from "../../src/enrich/cpu_budget.js";
import { ExecutableEnricher } from "../../src/enrich/executable_enricher.js";
import { FileDigests } from "../../src/enrich/file_digests.js";
import { FileHasher } from "../../src/enrich/file_hasher.js";
import type { OwnerPackage } from "../../src/enrich/package_path_index.js";
import { loadAddon } from "../../src/native/addon.js";
import { requestFor } from "../enrich/requests.js";
import { PoolFixture, skip } from "../sql/pool_fixture.js";

let shared: PoolFixture | null = null;
after(() => shared?.close());

const owner: OwnerPackage = { name: "mine", version: "1-2", type: "deb" };

function enrichmentConfig(more: object = {}): EnrichmentConfig {
  return { ...Value.Parse(enrichmentSchema, Value.Default(enrichmentSchema, {})), ...more };
}

/** A file of a name of its own, and what a daemon that starts now finds out about files. */
async function setUp(t: TestContext) {
  shared ??= new PoolFixture();
  const { engine, pool: runner } = shared;
  const folder = mkdtempSync(join(tmpdir(), "auditql-stored-"));
  t.after(() => rmSync(folder, { recursive: true }));
  // A byte that is no UTF-8 must come back as it was.
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x41])]);
  writeFileSync(path, "content");
  let hashed = 0;
  const start = async (config: EnrichmentConfig, ownedBy: OwnerPackage | null = owner) => {
    const hasher = new FileHasher({
      startDigests: () => new FileDigests(loadAddon(), config.hashes),
      maxBytes: 1e6,
      budget: new CpuBudget({ share: 1, burstMs: 1000, now: () => performance.now() }),
      timeoutMs: 60_000,
      onSpent: () => {},
    });
    const enricher = new ExecutableEnricher({
      hash: async (asked) => {
        hashed += 1;
        return config.hashes.length > 0 ? hasher.hash(asked) : null;
      },
      ownerOf: async () => ownedBy,
      cacheEntries: config.cache_entries,
      firstEid: () => engine.bounds("executables").firstEid,
      store: (row) => engine.storeFact("executables", row),
    });
    enricher.remember(await readStoredExecutables({ config, engine, runner }));
    return enricher;
  };
  return { start, ask: () => askOnce(path), engine, runner, hashed: () => hashed };
}

const nowNs = () => BigInt(Date.now()) * 1_000_000n;

function askOnce(path: Buffer) {
  return { ...requestFor(path), path, timeNs: nowNs() };
}

async function answered(enricher: ExecutableEnricher, asked: ReturnType<typeof askOnce>) {
  try {
    return await enricher.answer(asked);
  } finally {
    if (asked.heldFd !== null) closeSync(asked.heldFd);
  }
}

test("a file that was hashed before a restart is neither read nor stored again", {
  skip,
}, async (t) => {
  const { start, ask, engine, runner, hashed } = await setUp(t);
  const config = enrichmentConfig();
  assert.equal(await answered(await start(config), ask()), "hashed");
  const { nextEid } = engine.bounds("executables");
  const restarted = await start(config);
  for (let n = 0; n < 2; n++) assert.equal(await answered(restarted, ask()), "cached");
  assert.equal(engine.bounds("executables").nextEid, nextEid);
  assert.equal(hashed(), 1);
  const stored = await readStoredExecutables({ config, engine, runner });
  assert.deepEqual(stored.at(-1)?.owner, owner);
});

test("after a restart a new owner is stored with the digest that was known", {
  skip,
}, async (t) => {
  const { start, ask, engine, runner, hashed } = await setUp(t);
  const config = enrichmentConfig();
  await answered(await start(config, null), ask());
  assert.equal(await answered(await start(config, owner), ask()), "cached");
  assert.equal(hashed(), 1);
  const [older, newer] = (await readStoredExecutables({ config, engine, runner })).slice(-2);
  assert.deepEqual([older?.owner, newer?.owner], [null, owner]);
  assert.deepEqual(newer?.digests, older?.digests);
  assert.deepEqual(
    [newer?.id, newer?.path, newer?.timeNs],
    [older?.id, older?.path, older?.timeNs],
  );
});

test("a digest that is wanted since the restart makes the file be read again", {
  skip,
}, async (t) => {
  const { start, ask, hashed } = await setUp(t);
  await answered(await start(enrichmentConfig()), ask());
  const both = enrichmentConfig({ hashes: ["sha256", "md5"] });
  assert.equal(await answered(await start(both), ask()), "hashed");
  assert.equal(await answered(await start(both), ask()), "cached");
  assert.equal(hashed(), 2);
});

test("no more is remembered than the cache holds: the newest", { skip }, async (t) => {
  const { start, engine, runner } = await setUp(t);
  await start(enrichmentConfig());
  const row = { ntime: nowNs(), exe_hash_status: "hashed", sha256: "ab", opened_by: "path" };
  for (let n = 0; n < 20; n++) {
    const id = Buffer.alloc(16, n + 1);
    engine.storeFact("executables", { ...row, executable_id: id, path: `/many/${n}` });
  }
  const config = enrichmentConfig({ cache_entries: 3 });
  const stored = await readStoredExecutables({ config, engine, runner });
  assert.deepEqual(
    stored.map(({ path }) => path.toString()),
    ["/many/17", "/many/18", "/many/19"],
  );
});
