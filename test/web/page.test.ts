import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page, Route } from "playwright-core";
import { execRecords } from "../serve/exec_records.js";
import { openPage, type PageOptions, skip } from "./browser.js";
import { type PageServer, startPageServer } from "./page_server.js";

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

async function openSignedIn(t: TestContext, options: PageOptions = {}) {
  const host: PageServer = await startPageServer(t);
  const opened = await openPage(t, options);
  await opened.page.goto(host.signInUrl());
  await opened.page.getByRole("heading", { name: "Overview" }).waitFor();
  return { ...host, ...opened };
}

async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: view, exact: true }).click();
}

/** Puts a statement in the place of what is in the editor. */
async function write(page: Page, sql: string): Promise<void> {
  await goTo(page, "Query");
  const editor = page.getByRole("textbox", { name: "SQL statement" });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(sql);
}

test("a sign-in link signs in once and leaves the address", { skip }, async (t) => {
  const { signInUrl } = await startPageServer(t);
  const link = signInUrl();
  const { page, complaints, transferred } = await openPage(t);
  await page.goto(link);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.doesNotMatch(page.url(), /sign-in/);
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const bytes = await transferred();
  assert.ok(bytes < 400_000, `${bytes} bytes`);
  assert.deepEqual(complaints, []);
  const second = await openPage(t);
  await second.page.goto(link);
  await second.page.getByText("opens nothing").waitFor();
});

test("a token signs in, a wrong one does not, and signing out ends it", { skip }, async (t) => {
  const { server } = await startPageServer(t);
  const { page } = await openPage(t);
  await page.goto(server.url);
  const field = page.getByLabel("Token");
  await field.fill("wrong-token-wrong-token");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("opens nothing").waitFor();
  await field.fill(server.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
});

test("a statement runs with Ctrl+Enter and shows its rows", { skip }, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  await write(page, "select 6 * 7 as answer, 9007199254740993 as large");
  await page.keyboard.press("Control+Enter");
  const grid = page.getByRole("table", { name: "Result" });
  await grid.getByRole("cell", { name: "42" }).waitFor();
  await grid.getByRole("cell", { name: "9007199254740993" }).waitFor();
  await page.getByRole("status").getByText("1 row in").waitFor();
  assert.deepEqual(complaints, []);
});

test("a wrong statement is answered with SQLite's message", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await write(page, "select nope from users");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("alert").getByText("no such column: nope").waitFor();
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
  await write(page, "select * from process_events where process_events.");
  await page.keyboard.type("parent_u", { delay: 40 });
  await page.locator(".cm-tooltip-autocomplete").getByText("parent_uuid").waitFor();
  // CodeMirror ignores keys for a moment after the list appears.
  await sleep(150);
  await page.keyboard.press("Tab");
  const text = await page.getByRole("textbox", { name: "SQL statement" }).textContent();
  assert.match(text ?? "", /process_events\.parent_uuid/);
});

test("functions, and columns without the name of their table, are completed", {
  skip,
}, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  const offered = page.locator(".cm-tooltip-autocomplete");
  const editor = page.getByRole("textbox", { name: "SQL statement" });
  await write(page, "select  from process_events");
  await page.keyboard.press("Home");
  for (let n = 0; n < "select ".length; n += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.type("parent_u");
  await offered.getByText("parent_uuid").waitFor();
  await page.getByText("process_uuid of the parent at fork time.").waitFor();
  // The list takes keys only a moment after it appears.
  await sleep(150);
  await page.keyboard.press("Tab");
  await editor.getByText("select parent_uuid from process_events").waitFor();
  await page.keyboard.type(", regex_ma");
  // The functions are known a moment after the tables.
  while (!(await offered.getByText("regex_match").isVisible())) {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Space");
    await sleep(100);
  }
  await sleep(150);
  await page.keyboard.press("Tab");
  await page.keyboard.type("path");
  await editor.getByText("select parent_uuid, regex_match(path) from process_events").waitFor();
  assert.deepEqual(complaints, []);
});

test("markup in a command line is shown as text, and nothing of it runs", { skip }, async (t) => {
  const { page, engine, complaints } = await openSignedIn(t);
  const markup = "/markup/<img/src=x/onerror=document.title='run'>";
  engine.feedLog(execRecords(markup).bytes);
  engine.finishLog();
  const where = "where path like '/markup/%' and event_action = 'exec'";
  await write(page, `select path, process_uuid from process_events ${where} limit 1`);
  await page.keyboard.press("Control+Enter");
  const grid = page.getByRole("table", { name: "Result" });
  await grid.getByRole("cell", { name: markup }).waitFor();
  await grid.getByRole("link").first().click();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await page.getByText(markup).first().waitFor();
  assert.equal(await page.locator("img[src=x]").count(), 0);
  assert.doesNotMatch(await page.title(), /run/);
  assert.deepEqual(complaints, []);
  // Were the page to make markup of it after all, its policy would not let it, and be heard.
  await assert.rejects(page.evaluate("document.body.innerHTML = '<img src=x>'"), /TrustedHTML/);
  while (complaints.length === 0) await sleep(20);
});

test("100,000 rows scroll, with a few in the document", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await write(
    page,
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 100000) select i, 'row ' || i as name from n",
  );
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").getByText("100,000 rows in").waitFor();
  const grid = page.getByRole("table", { name: "Result" });
  await grid.focus();
  await page.keyboard.press("End");
  await grid.getByRole("cell", { name: "row 100000" }).waitFor();
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
  await page.getByRole("table", { name: "Result" }).focus();
  await page.keyboard.press("Enter");
  const details = page.getByRole("region", { name: "Row" });
  await details.getByText(long, { exact: true }).waitFor();
  await details.getByText("NULL").waitFor();
  await details.getByRole("button", { name: "Next" }).click();
  await details.getByText("second").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await details.waitFor({ state: "detached" });
  await page.getByRole("cell", { name: "second" }).click();
  await details.getByText("Row 2 of 2").waitFor();
  assert.deepEqual(complaints, []);
});

test("an event appears in the live feed and leads to its process", { skip }, async (t) => {
  const { page, engine, complaints } = await openSignedIn(t);
  await goTo(page, "Live");
  await page.getByLabel("where").fill("path like '/live/%'");
  // The view follows something from its start on: it is this answer that must have begun.
  const followed = page.waitForResponse((answer) =>
    decodeURIComponent(answer.url()).includes("path like '/live/%'"),
  );
  await page.getByRole("button", { name: "Follow" }).click();
  await followed;
  const grid = page.getByRole("table", { name: "Result" });
  engine.feedLog(execRecords("/other/none").bytes);
  const parent = execRecords("/live/parent");
  engine.feedLog(parent.bytes);
  engine.feedLog(execRecords("/live/child", parent.pid).bytes);
  engine.finishLog();
  await grid.getByRole("cell", { name: "/live/child" }).first().waitFor();
  assert.equal(await grid.getByText("/other/none").count(), 0);
  await grid.getByRole("row").filter({ hasText: "/live/child" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: /child pid/ }).waitFor();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await page.getByRole("cell", { name: "exec", exact: true }).first().waitFor();
  await page.locator(".tree a.process").filter({ hasText: "parent" }).click();
  await page.getByRole("heading", { name: /parent pid/ }).waitFor();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(complaints, []);
});

test("health says what is amiss and what to do", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await goTo(page, "Health");
  await page.getByRole("heading", { name: /scheduled query executions failed/ }).waitFor();
  await page.getByText("What to do:").first().waitFor();
});

test("the API describes itself: each route with its body and how to call it", {
  skip,
}, async (t) => {
  const { page, server, complaints } = await openSignedIn(t);
  await goTo(page, "API");
  const document: { paths: Record<string, Record<string, unknown>> } = JSON.parse(
    await (await server.get("/v1/openapi.json")).text(),
  );
  const routes = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
  await page.getByText("/v1/openapi.json").first().waitFor();
  assert.equal(await page.locator("details").count(), routes.length);
  const query = page.locator("details").filter({ hasText: "Run a statement" });
  await query.locator("summary").click();
  await query.getByText("sql: string,").waitFor();
  assert.deepEqual(await violations(page), []);
  await query.getByText(`curl ${server.url}/v1/query -H "authorization: Bearer`).waitFor();
  assert.deepEqual(complaints, []);
});

test("the configuration is shown, and its secrets are not", { skip }, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  await goTo(page, "Config");
  await page.getByText("state path").waitFor();
  assert.doesNotMatch((await page.locator("main").textContent()) ?? "", /hunter2/);
  assert.match((await page.locator("main").textContent()) ?? "", /\(redacted\)/);
  assert.deepEqual(complaints, []);
});

const views: readonly (readonly [link: string, heading: string])[] = [
  ["Query", "Query"],
  ["Overview", "Overview"],
  ["Live", "Live events"],
  ["Processes", "Processes"],
  ["Schedule", "Schedule"],
  ["Health", "Health"],
  ["Tables", "Tables"],
  ["Config", "Configuration"],
  ["API", "API"],
];

async function openView(page: Page, [link, heading]: readonly [string, string]): Promise<void> {
  await goTo(page, link);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor({ state: "attached" });
}

for (const dark of [false, true]) {
  test(`every view passes axe, ${dark ? "dark" : "light"}`, { skip }, async (t) => {
    const { page, complaints } = await openSignedIn(t, { dark });
    await write(page, "select pid, path from processes limit 20");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("status").getByText("rows in").waitFor();
    for (const view of views) {
      await openView(page, view);
      await page.waitForLoadState();
      assert.deepEqual(await violations(page), [], view[0]);
    }
    assert.deepEqual(complaints, []);
  });
}

test("every view passes axe while its answers are still on their way", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  const held: Route[] = [];
  await page.route("**/v1/**", (route) => held.push(route));
  for (const view of views) {
    await openView(page, view);
    assert.deepEqual(await violations(page), [], view[0]);
  }
  assert.notEqual(held.length, 0);
});

test("on a phone no view is wider than the screen", { skip }, async (t) => {
  const { page } = await openSignedIn(t, { width: 390, height: 800 });
  for (const view of [
    "overview",
    "query",
    "live",
    "process",
    "schedule",
    "health",
    "tables",
    "config",
    "api",
  ]) {
    await page.goto(`${new URL(page.url()).origin}/#/${view}`);
    await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
    const width = await page.evaluate("document.documentElement.scrollWidth");
    assert.ok(Number(width) <= 390, `${view} is ${width} px wide`);
  }
});

interface AxeResult {
  readonly violations: readonly {
    id: string;
    nodes: readonly { html: string; failureSummary?: string }[];
  }[];
}

/** What axe finds, as one line each. */
async function violations(page: Page): Promise<readonly string[]> {
  // By the debugger's way, which the page's own policy does not bind.
  await page.evaluate(axeSource);
  const result: AxeResult = await page.evaluate("axe.run()");
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
  );
}
