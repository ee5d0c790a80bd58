import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readStoredContainers } from "../../src/daemon/stored_containers.js";
import { ContainerEnricher } from "../../src/enrich/container_enricher.js";
import type { ContainerDetails } from "../../src/enrich/container_source.js";
import { PoolFixture, skip } from "../sql/pool_fixture.js";

let shared: PoolFixture | null = null;
after(() => shared?.close());

const described: ContainerDetails = { name: "web", image: "nginx:1.25", labels: { tier: "front" } };
const most = 3;

/** What a daemon that starts now finds out about containers from an engine; null: it knows none,
 * `broken`: it does not answer. */
async function start(answer: ContainerDetails | null | "broken") {
  shared ??= new PoolFixture();
  const { engine, pool: runner } = shared;
  const describe = async () => {
    if (answer === "broken") throw new Error("the engine does not answer");
    return answer;
  };
  const enricher = new ContainerEnricher({
    sources: [{ describe }],
    cacheEntries: most,
    firstEid: () => engine.bounds("containers").firstEid,
    store: (row) => engine.storeFact("containers", row),
  });
  enricher.remember(await readStoredContainers({ engine, runner }, most));
  const nextEid = () => engine.bounds("containers").nextEid;
  return {
    enricher,
    engine,
    nextEid,
    stored: () => readStoredContainers({ engine, runner }, most),
  };
}

/** Of a container whose id begins so. */
const asked = (prefix: string) => ({
  id: prefix.padEnd(64, "0"),
  runtime: "docker",
  podUid: "",
  timeNs: BigInt(Date.now()) * 1_000_000n,
});

test("a container that was described before a restart is not stored again", { skip }, async () => {
  const first = await start(described);
  assert.equal(await first.enricher.answer(asked("a")), "described");
  const before = first.nextEid();
  const restarted = await start(described);
  assert.equal(await restarted.enricher.answer(asked("a")), "described");
  assert.equal(restarted.nextEid(), before);
});

test("after a restart it keeps its name while its engine is silent or has forgotten it", {
  skip,
}, async () => {
  await (await start(described)).enricher.answer(asked("b"));
  for (const answer of ["broken", null] as const) {
    const { enricher, nextEid, stored } = await start(answer);
    const before = nextEid();
    assert.equal(await enricher.answer(asked("b")), answer === null ? "unknown" : "unanswered");
    assert.equal(nextEid(), before);
    assert.equal((await stored()).at(-1)?.columns.name, "web");
  }
});

test("what became known or changed while nobody looked is stored", { skip }, async () => {
  await (await start(null)).enricher.answer(asked("c"));
  const { enricher, stored } = await start(described);
  await enricher.answer(asked("c"));
  const [older, newer] = (await stored()).slice(-2);
  assert.deepEqual([older?.columns.name, newer?.columns.name], [null, "web"]);
  assert.equal(newer?.columns.labels, '{"tier":"front"}');
});

test("no more containers are remembered than are kept in mind: the newest", { skip }, async () => {
  const { enricher, stored } = await start(described);
  for (let n = 0; n < 10; n++) await enricher.answer(asked(`d${n}`));
  assert.deepEqual(
    (await stored()).map(({ columns }) => columns.container_id?.slice(0, 2)),
    ["d7", "d8", "d9"],
  );
});
