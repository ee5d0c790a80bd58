import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "../../src/serve/server.js";
import { execRecords } from "../serve/exec_records.js";
import { startTestServer } from "../serve/running_server.js";
import { endlessQuery, PoolFixture } from "../sql/pool_fixture.js";
import { openTerminal, skip, type TerminalOptions } from "./tmux_terminal.js";

if (skip) console.log(`skipped: the shell in a terminal (${skip})`);

let shared: PoolFixture | null = null;
after(() => shared?.close());

/** The real shell in a real terminal, on the real server with a store of its own. */
async function openShell(t: TestContext, options: TerminalOptions = {}, args: string[] = []) {
  shared ??= new PoolFixture();
  const { engine, pool } = shared;
  const server = await startTestServer(t, {
    runner: pool,
    health: () => engine.health(),
    eventBounds: (table) => engine.bounds(table),
  });
  const folder = mkdtempSync(join(tmpdir(), "auditql-shell-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const history = join(folder, "history");
  const command = [process.execPath, "dist/src/main.js", "shell", "--socket", server.socketPath];
  const env = { AUDITQL_HISTORY: history, PAGER: "less -SRFX", ...options.env };
  const terminal = openTerminal(t, [...command, ...args], { ...options, env });
  await terminal.see(/auditql>$/);
  return { terminal, server, engine, folder, history };
}

test("Tab completes tables, then columns, then functions", { skip }, async (t) => {
  const { terminal } = await openShell(t);
  terminal.type("select parent_u");
  terminal.press("Tab");
  terminal.type(" from process_ev");
  terminal.press("Tab");
  await terminal.see("from process_events");
  terminal.press("C-c");
  terminal.type("select * from process_events where process_events.parent_u");
  terminal.press("Tab");
  await terminal.see("process_events.parent_uuid");
  terminal.press("C-c");
  terminal.type("select communi");
  // The functions are known a moment after the start.
  while (!terminal.screen().includes("community_id_v1")) {
    terminal.press("Tab");
    await sleep(100);
  }
});

test("what is typed and what is shown has colours; --no-color and NO_COLOR take them", {
  skip,
}, async (t) => {
  const { terminal } = await openShell(t);
  terminal.type("select 'text' as word, null as empty");
  await terminal.see("empty");
  for (const coloured of [/ESC\[1;?(?:mESC\[)?34mselect/, /ESC\[(?:0;)?32m'text'/]) {
    while (!coloured.test(terminal.colours())) await sleep(50);
  }
  terminal.type(";");
  terminal.press("Enter");
  await terminal.see(/\| text +\|/);
  assert.match(terminal.colours(), /1m(ESC\[\d+m)*word/);
  for (const [env, args] of [
    [{ NO_COLOR: "1" }, []],
    [{}, ["--no-color"]],
  ] as const) {
    const plain = (await openShell(t, { env }, [...args])).terminal;
    plain.type("select 'text' as word;");
    plain.press("Enter");
    await plain.see(/\| text +\|/);
    assert.doesNotMatch(plain.colours(), /ESC/);
  }
});

test("a long query says how long it runs, and Ctrl-C ends it and not the shell", {
  skip,
}, async (t) => {
  const { terminal, server } = await openShell(t);
  terminal.type(`${endlessQuery};`);
  terminal.press("Enter");
  await terminal.see(/running \d+ s\. Press Ctrl-C to cancel\./);
  terminal.press("C-c");
  const screen = await terminal.see("query_cancelled");
  assert.doesNotMatch(screen, /running \d+ s/);
  while (server.context.runner.running().length > 0) await sleep(20);
  terminal.type("select 6 * 7 as answer;");
  terminal.press("Enter");
  await terminal.see(/\| 42 +\|/);
});

test(".tail shows events as they arrive, and Ctrl-C ends it and not the shell", {
  skip,
}, async (t) => {
  const { terminal, engine } = await openShell(t);
  terminal.type(".tail process_events where path like '/tailed/%'");
  terminal.press("Enter");
  while (!terminal.screen().includes("where path")) await sleep(20);
  while (!terminal.screen().includes("/tailed/one")) {
    engine.feedLog(execRecords("/other/none").bytes);
    engine.feedLog(execRecords("/tailed/one").bytes);
    engine.finishLog();
    await sleep(200);
  }
  const screen = await terminal.see(/^utc +event_action +pid +parent +username +path +cmdline$/m);
  assert.doesNotMatch(screen, /\/other\/none/);
  terminal.press("C-c");
  terminal.type("select 'still here' as shell;");
  terminal.press("Enter");
  await terminal.see(/\| still here +\|/);
});

test(".watch runs a statement again and again until Ctrl-C", { skip }, async (t) => {
  const { terminal } = await openShell(t);
  terminal.type("select 7 * 6 as answer;");
  terminal.press("Enter");
  await terminal.see(/\| 42 +\|/);
  terminal.type(".watch 0.2");
  terminal.press("Enter");
  await terminal.see(/(-- \d{4}-[\s\S]*?\| 42 +\|[\s\S]*?){3}/);
  terminal.press("C-c");
  terminal.type(".print over");
  terminal.press("Enter");
  await terminal.see(/^over$/m);
});

test("what is longer than the window is paged, and leaving the pager ends the query", {
  skip,
}, async (t) => {
  const { terminal, server } = await openShell(t, { height: 20 });
  terminal.type(".mode list");
  terminal.press("Enter");
  terminal.type(
    "with recursive n(i) as (select 1 union all select i + 1 from n) select 'row ' || i as r from n;",
  );
  terminal.press("Enter");
  // The last line of less.
  await terminal.see(/row 18\n:$/);
  terminal.press("q");
  while (server.context.runner.running().length > 0) await sleep(20);
  terminal.type(".pager off");
  terminal.press("Enter");
  terminal.type(
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 50) select i from n;",
  );
  terminal.press("Enter");
  await terminal.see(/\n50\nauditql>$/);
});

test("what is pasted waits for Enter, and all its lines are one entry of the history", {
  skip,
}, async (t) => {
  const { terminal, history } = await openShell(t);
  terminal.paste("select 6 *\n  7 as answer;\nselect 'second' as statement;\n");
  await terminal.see(/\nauditql> select 6 \*\n {2}7 as answer;\nselect 'second' as statement;$/);
  terminal.press("Enter");
  await terminal.see(/\| 42 +\|[\s\S]*\| second +\|[\s\S]*auditql>$/);
  terminal.type("select 1,");
  terminal.press("Enter");
  await terminal.see(/\.\.\.>$/);
  terminal.type("2 as b;");
  terminal.press("Enter");
  await terminal.see(/\| 1 +\| 2 +\|\n.*\nauditql>$/);
  terminal.press("Up");
  await terminal.see(/auditql> select 1,\n2 as b;$/);
  terminal.press("BSpace", "BSpace");
  terminal.type("c;");
  terminal.press("Enter");
  await terminal.see(/\| 1 +\| c +\|/);
  assert.deepEqual(readFileSync(history, "utf8").split("\n"), [
    "select 6 *\x01  7 as answer;\x01select 'second' as statement;",
    "select 1,\x012 as b;",
    "select 1,\x012 as c;",
    "",
  ]);
});

test("Ctrl-R searches the history, older with each; Enter runs, an arrow edits, Ctrl-G gives up", {
  skip,
}, async (t) => {
  const { terminal } = await openShell(t);
  for (const word of ["first", "second", "third"]) {
    terminal.type(`select '${word}' as found;`);
    terminal.press("Enter");
    await terminal.see(new RegExp(`\\| ${word} +\\|\\n.*\\nauditql>$`));
  }
  terminal.type("begun");
  terminal.press("C-r");
  await terminal.see("(reverse-i-search)`': begun");
  terminal.type("as found");
  await terminal.see("`as found': select 'third'");
  terminal.press("C-r");
  await terminal.see("`as found': select 'second'");
  terminal.press("C-r", "C-r");
  await terminal.see("(failed reverse-i-search)`as found': select 'first'");
  terminal.press("C-s");
  await terminal.see("(reverse-i-search)`as found': select 'second'");
  terminal.press("C-g");
  await terminal.see(/auditql> begun$/);
  terminal.press("C-u", "C-r");
  terminal.type("SECOND");
  await terminal.see("(failed reverse-i-search)`SECOND':");
  terminal.press("BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace");
  terminal.type("'first");
  await terminal.see("(reverse-i-search)`'first': select 'first'");
  terminal.press("Right");
  terminal.type("the ");
  await terminal.see(/auditql> select 'the first' as found;$/);
  terminal.press("Enter");
  await terminal.see(/\| the first +\|\n.*\nauditql>$/);
  terminal.press("C-r");
  terminal.type("third");
  await terminal.see("`third': select 'third'");
  terminal.press("Enter");
  await terminal.see(/auditql> select 'third' as found;\n.*\n.*\n.*\n\| third +\|\n.*\nauditql>$/);
});

test("Ctrl-D leaves, and says of a begun statement that it was not run", { skip }, async (t) => {
  const { terminal } = await openShell(t);
  terminal.type("select 'half");
  terminal.press("Enter");
  await terminal.see(/\.\.\.>$/);
  terminal.press("C-d");
  await terminal.see("Incomplete statement discarded: missing ';'.");
});

test("a server that went away and came back is asked again", { skip }, async (t) => {
  const { terminal, server } = await openShell(t);
  await server.api.close();
  terminal.type("select 'away' as x;");
  terminal.press("Enter");
  await terminal.see("daemon_unreachable");
  const again = createServer(server.context);
  t.after(() => again.close());
  await again.listenUnix({ path: server.socketPath, gid: null });
  terminal.type("select 'back' as x;");
  terminal.press("Enter");
  await terminal.see(/\| back +\|/);
});

test("values fit the window, wide characters too", { skip }, async (t) => {
  const { terminal } = await openShell(t, { width: 50 });
  terminal.type(`select '日本語の長い文字列が折り返される、はみ出さない' as ja, 'plain' as b;`);
  terminal.press("Enter");
  const screen = await terminal.see(/plain[\s\S]*\+\n/);
  const frame = screen.split("\n").filter((line) => /^[+|]/.test(line));
  assert.ok(frame.length >= 6, screen);
  assert.ok(
    frame.every((line) => /[+|]$/.test(line)),
    screen,
  );
});

test("columns that cannot fit the window are shown a value a line", { skip }, async (t) => {
  const { terminal } = await openShell(t, { width: 40 });
  terminal.type("select 'aaaaaaaa' a, 'bbbbbbbb' b, 'cccccccc' c, 'dddddddd' d where 1;");
  terminal.press("Enter");
  await terminal.see(/^ *a = aaaaaaaa\n *b = bbbbbbbb\n/m);
  terminal.type("select 1 as a where 0;");
  terminal.press("Enter");
  await terminal.see(/^\(0 rows\)$/m);
});

test("a resize while the pager is open draws no prompt over it", { skip }, async (t) => {
  const { terminal } = await openShell(t, { height: 12, env: { PAGER: "cat; sleep 1000" } });
  terminal.type("with recursive n(i) as (select 1 union all select i + 1 from n limit 30)");
  terminal.type(" select 'row ' || i as x from n;");
  terminal.press("Enter");
  await terminal.see("| row 30 |");
  terminal.resize(90, 13);
  terminal.press("C-c");
  // The first prompt since the resize is the one after the pager.
  const screen = await terminal.see(/auditql>$/);
  assert.equal(screen.match(/auditql>/g)?.length, 1, screen);
});

test(".export writes all rows to a file of its user's own", { skip }, async (t) => {
  const { terminal, folder, history } = await openShell(t);
  terminal.type("select 1 as a, 'x,y' as b;");
  terminal.press("Enter");
  await terminal.see(/\| x,y +\|/);
  const path = join(folder, "rows.csv");
  terminal.type(`.export ${path}`);
  terminal.press("Enter");
  await terminal.see("1 row written to");
  assert.equal(readFileSync(path, "utf8"), 'a,b\n1,"x,y"\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(history).mode & 0o777, 0o600);
});
