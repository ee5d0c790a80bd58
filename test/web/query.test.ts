import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { execRecords } from "../serve/exec_records.js";
import { violations } from "./axe.js";
import { skip } from "./browser.js";
import { openSignedIn, write } from "./signed_in_page.js";

/** Goes to the editor when all that it completes is known, and writes a statement: names come after
 * the page, and a list that is open by then goes without them. */
async function writeKnowingNames(page: Page, sql: string): Promise<void> {
  for (const [start, name] of [
    ["process_ev", "process_events"],
    ["regex_ma", "regex_match"],
  ] as const) {
    await write(page, start);
    const offered = page.locator(".cm-tooltip-autocomplete").getByText(name, { exact: true });
    for (let timeout = 200; !(await offered.isVisible()); timeout *= 2) {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Space");
      await offered.waitFor({ timeout }).catch(() => {});
    }
    await page.keyboard.press("Escape");
  }
  await write(page, sql);
}

/** Takes what is offered. The list takes keys only a moment after it appears. */
async function completeTo(page: Page, statement: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: "SQL statement" });
  while ((await editor.textContent()) !== statement) {
    await page.keyboard.press("Tab");
    await sleep(20);
  }
}

test("a statement runs with Ctrl+Enter and shows its rows", { skip }, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  await write(page, "select 6 * 7 as answer, 9007199254740993 as large");
  await page.keyboard.press("Control+Enter");
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.getByRole("gridcell", { name: "42" }).waitFor();
  await grid.getByRole("gridcell", { name: "9007199254740993" }).waitFor();
  await page.getByRole("status").getByText("1 row in").waitFor();
  assert.deepEqual(complaints, []);
});

test("numbers are shown as sqlite3 shows them, and aligned as numbers", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await write(page, "select 1.0 as a, 1e100 as b, 0.5 as c, '1.0' as d");
  await page.keyboard.press("Control+Enter");
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.getByRole("gridcell", { name: "1.0e+100" }).waitFor();
  const cells = await grid.getByRole("gridcell").allTextContents();
  assert.deepEqual(cells, ["1.0", "1.0e+100", "0.5", "1.0"]);
  assert.equal(await grid.locator(".grid-body .number").count(), 3);
});

test("a wrong statement is answered with SQLite's message", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await write(page, "select nope from users");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("alert").getByText("no such column: nope").waitFor();
});

test("a misspelt column is answered with the name that was meant", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await write(page, "select usernme from users");
  await page.keyboard.press("Control+Enter");
  const text = 'no such column: usernme. Did you mean "username"?';
  await page.getByRole("alert").getByText(text).waitFor();
});

test("Escape cancels a query that has no end", { skip }, async (t) => {
  const { page, server } = await openSignedIn(t);
  await write(
    page,
    "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n",
  );
  await page.keyboard.press("Control+Enter");
  while (server.context.runner.running().length === 0) await sleep(20);
  await page.keyboard.press("Escape");
  await page.getByText("Cancelled.").waitFor();
  while (server.context.runner.running().length > 0) await sleep(20);
});

test("the name of a column is completed", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await writeKnowingNames(page, "select * from process_events where process_events.");
  await page.keyboard.type("parent_u");
  await page.locator(".cm-tooltip-autocomplete").getByText("parent_uuid").waitFor();
  await completeTo(page, "select * from process_events where process_events.parent_uuid");
});

test("functions, and columns without the name of their table, are completed", {
  skip,
}, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  const offered = page.locator(".cm-tooltip-autocomplete");
  const editor = page.getByRole("textbox", { name: "SQL statement" });
  await writeKnowingNames(page, "select  from process_events");
  await page.keyboard.press("Home");
  for (let n = 0; n < "select ".length; n += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.type("parent_u");
  await offered.getByText("parent_uuid").waitFor();
  await page.getByText("process_uuid of the parent at fork time.").waitFor();
  await completeTo(page, "select parent_uuid from process_events");
  await page.keyboard.type(", regex_ma");
  await offered.getByText("regex_match").waitFor();
  await completeTo(page, "select parent_uuid, regex_match() from process_events");
  await page.keyboard.type("path");
  await editor.getByText("select parent_uuid, regex_match(path) from process_events").waitFor();
  assert.deepEqual(complaints, []);
});

test("100,000 rows scroll, with a few in the document", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await write(
    page,
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 100000) select i, 'row ' || i as name from n",
  );
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").getByText("100,000 rows in").waitFor();
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.focus();
  await page.keyboard.press("Control+End");
  await grid.getByRole("gridcell", { name: "row 100000" }).waitFor();
  assert.ok((await grid.getByRole("row").count()) < 200);
});

test("a value that is cut is read whole, by keys too", { skip }, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  const long = "long ".repeat(100).trim();
  await write(
    page,
    `select '${long}' as a, null as b union all select 'second', 'x'||char(10)||'y'`,
  );
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").getByText("2 rows in").waitFor();
  await page.getByRole("grid", { name: "Result" }).focus();
  await page.keyboard.press("Enter");
  const details = page.getByRole("region", { name: "Row" });
  await details.getByText(long, { exact: true }).waitFor();
  await details.getByText("NULL").waitFor();
  await details.getByRole("button", { name: "Next" }).click();
  await details.getByText("second").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await details.waitFor({ state: "detached" });
  await page.getByRole("gridcell", { name: "second" }).click();
  await details.getByText("Row 2 of 2").waitFor();
  assert.deepEqual(complaints, []);
});

test("several statements keep all their columns, and none gets a value that it has not", {
  skip,
}, async (t) => {
  const { page } = await openSignedIn(t);
  await write(
    page,
    "select 0 as z where 0; select 1 as a; select 2 as b, 3 as c; select null as a",
  );
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").getByText("3 rows in").waitFor();
  const grid = page.getByRole("grid", { name: "Result" });
  assert.deepEqual(await grid.getByRole("columnheader").allTextContents(), ["a", "b", "c", "z"]);
  assert.deepEqual(await grid.getByRole("gridcell").allTextContents(), [
    ...["1", "", "", ""],
    ...["", "2", "3", ""],
    ...["NULL", "", "", ""],
  ]);
});

test("the grid is one tab stop: arrows move in it, Enter follows a link", { skip }, async (t) => {
  const { page, engine, complaints } = await openSignedIn(t);
  engine.feedLog(execRecords("/keys/first").bytes);
  engine.finishLog();
  const one = "select 'x' as a, process_uuid from process_events where path = '/keys/first'";
  await write(
    page,
    `with recursive n(i) as (select 1 union all select i + 1 from n limit 50) select e.* from n, (${one}) e`,
  );
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").getByText("50 rows in").waitFor();
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.focus();
  await page.keyboard.press("Tab");
  const focused = "document.querySelector('.grid').contains(document.activeElement)";
  assert.equal(await page.evaluate(focused), false);
  await page.keyboard.press("Shift+Tab");
  assert.equal(await page.evaluate(focused), true);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("ArrowUp");
  await page.locator('.grid[aria-activedescendant$="-48-1"]').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /first pid/ }).waitFor();
  assert.deepEqual(complaints, []);
});

test("times have their date, their fraction and their zone", { skip }, async (t) => {
  const { page } = await openSignedIn(t, { timezone: "America/St_Johns" });
  await write(
    page,
    "select 1700000000 as time, 1700000000123456789 as ntime, 1700000000120000000 as ntime, 42 as start_time, 1700000000 as other",
  );
  await page.keyboard.press("Control+Enter");
  const cells = page.getByRole("grid", { name: "Result" }).getByRole("gridcell");
  await cells.first().waitFor();
  const shown = await cells.allTextContents();
  assert.deepEqual(shown, ["2023-11-14 22:13:20Z", "2023-11-14 22:13:20.120Z", "42", "1700000000"]);
  await page.getByRole("button", { name: "Times: UTC" }).click();
  await page.getByText("2023-11-14 18:43:20-03:30").waitFor();
  await page.getByText("2023-11-14 18:43:20.120-03:30").waitFor();
  await cells.first().click();
  await page.getByRole("region", { name: "Row" }).getByText("(1700000000)").waitFor();
});
