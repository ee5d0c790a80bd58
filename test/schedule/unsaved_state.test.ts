import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import { StateFile } from "../../src/schedule/state_file.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { fileOf, ScheduleFixture } from "./schedule_fixture.js";

const executions = { query: "select path from process_events", interval: 10 };
const trouble = /failed to save the schedule's progress/;
const recovery = /saved the schedule's progress/;

/** Takes the database's lock, so that every other write fails, until it is released. */
function refuseWrites(context: TestContext, path: string) {
  const other = new Database(path);
  context.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  return () => other.exec("ROLLBACK");
}

function cursorOnDisk(path: string): unknown {
  const database = new Database(path, { readonly: true });
  const value = database.prepare("SELECT max(eid) FROM cursor").pluck().get();
  database.close();
  return value;
}

const said = (fixture: ScheduleFixture, pattern: RegExp) =>
  fixture.messages.filter((message) => pattern.test(message)).length;

test("while the state cannot be saved each event is logged once, and saved when it can be", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: executions }));
  fixture.store.add("process_events", { path: "/before" });
  await fixture.passSeconds(10);
  const path = join(fixture.folder, "state/schedule.db");
  const release = refuseWrites(context, path);
  for (let run = 0; run < 10; run++) {
    fixture.store.add("process_events", { path: `/${run}` });
    await fixture.passSeconds(10);
  }
  assert.equal(fixture.store.counts.get("schedule.state.unsaved"), 1);
  assert.equal(cursorOnDisk(path), 1);
  release();
  await fixture.passSeconds(130);
  const numbers = Array.from({ length: 10 }, (_, run) => `/${run}`);
  assert.deepEqual(
    fixture.sink.rows("q").map((row) => row["path"]),
    ["/before", ...numbers],
  );
  assert.equal(cursorOnDisk(path), 11);
  assert.equal(said(fixture, trouble), 1);
  assert.equal(said(fixture, recovery), 1);
  assert.equal(fixture.store.counts.get("schedule.state.unsaved"), 0);
});

test("a differential query logs each change once meanwhile, and remembers it after a restart", async (context) => {
  const fixture = new ScheduleFixture(context);
  const file = fileOf({ q: { query: "select value from made_up", interval: 10 } });
  const { database } = fixture.store;
  database.exec("CREATE TABLE made_up (value); INSERT INTO made_up VALUES ('old')");
  await fixture.start(file);
  await fixture.passSeconds(10);
  const release = refuseWrites(context, join(fixture.folder, "state/schedule.db"));
  database.exec("UPDATE made_up SET value = 'new'");
  await fixture.passSeconds(100);
  release();
  await fixture.stop();
  await fixture.start(file);
  await fixture.passSeconds(20);
  const values = fixture.sink.rows("q").map(({ value }) => value);
  assert.deepEqual(values, ["old", "old", "new"]);
});

test("what is not saved at the end either is said", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: executions }));
  refuseWrites(context, join(fixture.folder, "state/schedule.db"));
  fixture.store.add("process_events", { path: "/a" });
  await fixture.passSeconds(10);
  await fixture.stop();
  assert.equal(said(fixture, /the next start may log them again/), 1);
});

test("a state too large for memory refuses runs before they log anything", (context) => {
  const path = join(temporaryFolder(context), "state.db");
  const told: string[] = [];
  const file = new StateFile(path, {
    tables: "CREATE TABLE IF NOT EXISTS t (a)",
    names: ["t"],
    maxMemoryBytes: 0,
    now: () => 0,
    onFailed: () => void told.push("failed"),
    onSaved: () => void told.push("saved"),
  });
  const add = () => file.write((database) => void database.exec("INSERT INTO t VALUES (1)"));
  file.requireWritable();
  add();
  const release = refuseWrites(context, path);
  assert.throws(add, { code: "schedule_state_broken" });
  assert.throws(() => file.requireWritable(), { code: "schedule_state_broken" });
  release();
  file.requireWritable();
  add();
  assert.deepEqual(told, ["failed", "saved"]);
  assert.equal(file.database.prepare("SELECT count(*) FROM t").pluck().get(), 2);
  assert.equal(file.close(), true);
});
