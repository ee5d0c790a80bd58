// Each line of Node that README claims is one that every package runs on, and that is tested.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import semver from "semver";

interface LockedPackage {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
}

/** Packages that warn (EBADENGINE) on a claimed line, each with the reason why that is harmless. */
const harmless: Readonly<Record<string, string>> = {};

const linesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\d+/g)].map(([line]) => line);

function claimedLines(): readonly string[] {
  const [, claim = ""] =
    /Linux, Node ((?:\d+(?:, | or )?)+),/.exec(readFileSync("README.md", "utf8")) ?? [];
  return linesIn(claim);
}

test("README, CONTRIBUTING.md and the tests on other lines of Node name the same lines", () => {
  const lines = claimedLines();
  assert.ok(lines.length >= 3, `README claims ${lines.join(", ")}`);
  const script = readFileSync("scripts/test-node-lines.mjs", "utf8");
  assert.deepEqual(linesIn(/const claimedLines = \[(.*)\]/.exec(script)?.[1] ?? ""), lines);
  const contributing = readFileSync("CONTRIBUTING.md", "utf8");
  assert.deepEqual(
    linesIn(/^Building needs Node ((?:\d+(?:, | or )?)+),/m.exec(contributing)?.[1] ?? ""),
    lines,
  );
  assert.match(readFileSync(".ci/run", "utf8"), /node scripts\/test-node-lines\.mjs$/m);
});

test("every package of the lock file runs on every claimed line of Node", () => {
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
    readFileSync("package-lock.json", "utf8"),
  );
  const refused = Object.entries(lock.packages).flatMap(([path, { version, engines }]) => {
    const name = path.replace(/^.*node_modules\//, "");
    const bad = claimedLines().filter(
      (line) => engines?.node !== undefined && !semver.satisfies(`${line}.99.0`, engines.node),
    );
    return bad.length === 0 || name in harmless ? [] : [`${name}@${version}: not on ${bad.join()}`];
  });
  assert.deepEqual(refused, []);
});
