import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, closeSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { HashAlgorithm } from "../../src/config/enrichment_schema.js";
import { CpuBudget } from "../../src/enrich/cpu_budget.js";
import { FileDigests } from "../../src/enrich/file_digests.js";
import { FileHasher, type HashOutcome } from "../../src/enrich/file_hasher.js";
import { loadAddon } from "../../src/native/addon.js";
import type { ExecutableRequest } from "../../src/native/enrichment_store.js";
import { requestFor } from "./requests.js";

const addon = loadAddon();
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "auditql-hasher-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const budget = () => new CpuBudget({ share: 1, burstMs: 10_000, now: () => performance.now() });

async function hash(
  request: ExecutableRequest,
  names: readonly HashAlgorithm[] = ["sha256"],
  maxBytes = 1e9,
): Promise<HashOutcome> {
  const hasher = new FileHasher({
    startDigests: () => new FileDigests(addon, names),
    maxBytes,
    budget: budget(),
    timeoutMs: 60_000,
    onSpent: () => {},
  });
  try {
    return await hasher.hash(request);
  } finally {
    if (request.heldFd !== null) closeSync(request.heldFd);
  }
}

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("every digest is the one that OpenSSL and xxHash's specification give", async () => {
  const expected = {
    md5: "900150983cd24fb0d6963f7d28e17f72",
    sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    sha384:
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    sha512:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    sha512_256: "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    sha3_224: "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
    sha3_256: "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    sha3_384:
      "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
    sha3_512:
      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    blake2b512:
      "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    xxh64: "44bc2cf5ad770999",
  } as const satisfies Record<HashAlgorithm, string>;
  const names = Object.keys(expected) as HashAlgorithm[];
  const outcome = await hash(requestFor(write("abc", "abc")), names);
  assert.deepEqual(outcome, { status: "hashed", digests: expected });
});

test("a file of many pieces has the digest of the whole", async () => {
  const content = Buffer.alloc(3 * 1024 * 1024 + 17, "auditql ");
  const outcome = await hash(requestFor(write("large", content)), ["sha256", "xxh64"]);
  assert.equal(outcome.status, "hashed");
  const digests = outcome.status === "hashed" ? outcome.digests : {};
  assert.equal(digests.sha256, createHash("sha256").update(content).digest("hex"));
  const inOddPieces = addon.startXxh64();
  for (let at = 0; at < content.length; at += 1001) {
    inOddPieces.update(content.subarray(at, at + 1001));
  }
  assert.equal(digests.xxh64, inOddPieces.hex());
});

test("a file that was replaced by another is hashed as it was held", async () => {
  const path = write("replaced", "what ran");
  const request = requestFor(path);
  renameSync(write("other", "something else"), path);
  assert.deepEqual(await hash(request), {
    status: "hashed",
    digests: { sha256: createHash("sha256").update("what ran").digest("hex") },
  });
});

test("a file that changed since it was seen has no digest", async () => {
  const path = write("changed", "before");
  const request = requestFor(path);
  appendFileSync(path, "after");
  assert.deepEqual(await hash(request), { status: "changed" });
});

test("what cannot or must not be read says why", async () => {
  assert.deepEqual(await hash(requestFor(write("big", "12345")), ["sha256"], 4), {
    status: "too_big",
  });
  const request = requestFor(write("gone", "x"));
  if (request.heldFd !== null) closeSync(request.heldFd);
  assert.deepEqual(await hash({ ...request, heldFd: null }), { status: "gone" });
  execFileSync("mkfifo", [join(folder, "fifo")]);
  assert.deepEqual(await hash(requestFor(join(folder, "fifo"))), { status: "not_regular" });
});
