import assert from "node:assert/strict";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/g;
const unescaped: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/**
 * Reads Prometheus' text format 0.0.4 as strictly as `promtool check metrics` does: one HELP and one
 * TYPE before the samples of a family, which stand together; counters end in `_total` and never are
 * negative, gauges do not; no sample twice; no millisecond.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readExposition(text: string): readonly Sample[] {
  assert.ok(text.endsWith("\n"), "the last line has no end");
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const seen = new Set<string>();
  let helped = "";
  let family = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, keyword = "", name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      assert.ok(!types.has(name), `${name} is described twice, or its samples are torn apart`);
      assert.match(name, metricName);
      helped = name;
    } else if (keyword === "TYPE") {
      assert.equal(name, helped, "TYPE follows HELP");
      assert.match(rest, /^(counter|gauge)$/);
      assert.equal(name.endsWith("_total"), rest === "counter", `${name} is a ${rest}`);
      assert.doesNotMatch(name, /_(ms|milliseconds)(_|$)|_total_total$/);
      types.set(name, rest);
      family = name;
    } else {
      const sample = readSample(line);
      assert.equal(sample.name, family, `a sample outside of its family: ${line}`);
      const identity = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      assert.ok(!seen.has(identity), `twice: ${line}`);
      seen.add(identity);
      assert.ok(types.get(family) === "gauge" || sample.value >= 0, line);
      samples.push(sample);
    }
  }
  // As OpenMetrics reads it, a counter `x_total` and a gauge `x` are one family.
  for (const [name, type] of types) {
    assert.ok(type === "gauge" || !types.has(name.replace(/_total$/, "")), name);
  }
  return samples;
}

function readSample(line: string): Sample {
  const [, name = "", pairs = "", value = ""] = sampleLine.exec(line) ?? [];
  assert.notEqual(name, "", `not a sample: ${line}`);
  const entries = [...pairs.matchAll(labelPair)].map(
    ([, label = "", quoted = ""]): [string, string] => [
      label,
      quoted.replace(/\\[\\"n]/g, (pair) => unescaped[pair] ?? ""),
    ],
  );
  assert.equal(new Set(entries.map(([label]) => label)).size, entries.length, line);
  assert.ok(Number.isFinite(Number(value)), line);
  return { name, labels: Object.fromEntries(entries), value: Number(value) };
}
