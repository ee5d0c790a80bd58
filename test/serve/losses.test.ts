import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { meaningOf } from "../../src/serve/counter_meanings.js";
import { captureAlert, isLoss, lossAlert } from "../../src/serve/losses.js";

interface Counted {
  readonly stage: string;
  readonly metric: string;
  readonly reason: string;
}

/** Where the stage of a key is not in the same expression: the helper that is used has it. */
const stagesOfFiles: Readonly<Record<string, string>> = {
  "addon/capture/audit_monitor.cc": "capture",
  "addon/capture/audit_reader.cc": "capture",
  "addon/capture/ebpf/ebpf_backend.cc": "capture",
  "addon/capture/proc_connector_backend.cc": "capture",
  "addon/event_sources/syslog_source.cc": "capture",
  "addon/event_sources/device_source.cc": "capture",
  "addon/decode/decode_counters.cc": "decode",
  "addon/decode/kernel_event.cc": "decode",
  "addon/rows/lifetime_rows.cc": "identity",
  "src/log/http.ts": "log",
  "src/log/queued_logger.ts": "log",
  "src/log/status_log.ts": "log",
  "src/log/syslog_messages.ts": "log",
};

/** Reasons in order, of the tables in store_counters.h. */
function storeReasons(name: string): readonly string[] {
  const text = readFileSync("addon/store/store_counters.h", "utf8");
  const list = new RegExp(`${name} = \\{([^}]*)\\}`).exec(text)?.[1] ?? "";
  return [...list.matchAll(/"(\w+)"/g)].map(([, reason]) => reason ?? "");
}

/** Every counter of something dropped or refused that the source makes. */
function countedLosses(): readonly Counted[] {
  const found: Counted[] = ["dropped", "dropped_unread"].flatMap((metric) =>
    storeReasons("kDropReasons").map((reason) => ({ stage: "store", metric, reason })),
  );
  found.push(
    ...storeReasons("kRefuseReasons").map((reason) => ({
      stage: "store",
      metric: "refused",
      reason,
    })),
  );
  for (const file of sources()) {
    // Commands read counters, and make none.
    if (file.startsWith("src/commands/")) continue;
    const text = readFileSync(file, "utf8");
    const direct = text.matchAll(/"(\w+)",\s*[^"{}()]*(?:"[^"]+"|\w+),\s*"dropped",\s*"(\w+)"/g);
    const places = new Set<number>();
    for (const { index, 0: whole, 1: stage = "", 2: reason = "" } of direct) {
      places.add(index + whole.lastIndexOf('"dropped"'));
      found.push({ stage, metric: "dropped", reason });
    }
    for (const { index, 1: reason = "" } of text.matchAll(/"dropped",\s*"(\w+)"/g)) {
      if (places.has(index)) continue;
      const stage = stagesOfFiles[file];
      assert.ok(stage !== undefined, `${file}: the stage of dropped ${reason} is not known here`);
      found.push({ stage, metric: "dropped", reason });
    }
  }
  return found;
}

function sources(): readonly string[] {
  const below = (folder: string, name: RegExp) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => name.test(file) && !file.startsWith("build"))
      .map((file) => join(folder, file));
  return [...below("addon", /\.(cc|h)$/), ...below("src", /\.ts$/)].filter(
    (file) => !/counter_meanings|health_region\.h|replay(?:_statistics)?\.ts/.test(file),
  );
}

/** Whether the alert of docs/reference/http.md counts it: what its two selectors match. */
function isInAlert({ stage, metric, reason }: Counted): boolean {
  const name = `auditql_${stage}_${metric}_total`;
  const names = new RegExp(`^(?:${/__name__=~"([^"]+)"/.exec(lossAlert)?.[1] ?? ""})$`);
  const reasons = new RegExp(`^(?:${/reason=~"([^"]+)"/.exec(lossAlert)?.[1] ?? ""})$`);
  return names.test(name) || (name === "auditql_store_dropped_total" && reasons.test(reason));
}

/** Rows that leave by a bound of the configuration. */
const asked: ReadonlySet<string> = new Set(["expired", "max_rows", "max_bytes"]);

test("every drop that the source counts is in the alert, is a loss, and has a text in health", () => {
  const losses = countedLosses();
  const stages = new Set(losses.map(({ stage }) => stage));
  for (const stage of ["capture", "decode", "identity", "enrich", "log", "store", "health"]) {
    assert.ok(stages.has(stage), `no counter of stage ${stage} was found`);
  }
  assert.ok(losses.length > 30);
  for (const loss of losses) {
    const key = JSON.stringify(loss);
    const isAsked = loss.metric === "dropped" && loss.stage === "store" && asked.has(loss.reason);
    assert.equal(isInAlert(loss), !isAsked, key);
    assert.equal(isLoss({ ...loss, name: "x" }), !isAsked, key);
    const meaning = meaningOf({ ...loss, name: "x", value: 1 });
    assert.equal(meaning !== null, !isAsked, key);
    assert.ok(isAsked || (meaning?.remedy ?? "").length > 10, key);
  }
});

test("the alerts that docs/reference/http.md shows are those that hold", () => {
  const docs = readFileSync("docs/reference/http.md", "utf8");
  assert.ok(docs.includes(`${lossAlert} > 0\n`), lossAlert);
  assert.ok(docs.includes(`${captureAlert}\n`));
});
