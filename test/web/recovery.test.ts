import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Request, Route } from "playwright-core";
import { openPage, skip } from "./browser.js";
import { startPageServer } from "./page_server.js";
import { goTo } from "./signed_in_page.js";

type Condition = () => Promise<boolean>;

async function openSignedIn(t: TestContext) {
  const host = await startPageServer(t);
  const opened = await openPage(t);
  const { page } = opened;
  // Time goes on as it does, and can be hurried: no test waits until something is asked again.
  await page.clock.install();
  const unanswered = new Set<Request>();
  page.on("request", (request) => {
    if (request.isNavigationRequest()) unanswered.clear();
    if (new URL(request.url()).pathname.startsWith("/v1/")) unanswered.add(request);
  });
  page.on("requestfinished", (request) => unanswered.delete(request));
  page.on("requestfailed", (request) => unanswered.delete(request));
  /** Hurries the page's clock until the condition holds; not while the daemon is at an answer, which
   * the page would give up sooner than a busy host can give it. */
  const hurryUntil = async (condition: Condition) => {
    while (!(await condition())) {
      if (unanswered.size === 0) await page.clock.fastForward(1000);
      else await setTimeout(10);
    }
  };
  await page.goto(host.signInUrl());
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  return { ...host, ...opened, hurryUntil };
}

/** A text that each view shows only when it was answered. */
const answered: readonly (readonly [view: string, text: string])[] = [
  ["Overview", "rows stored"],
  ["Processes", "node"],
  ["Schedule", "executions"],
  ["Health", "What to do:"],
  ["Tables", "apt_sources"],
  ["Config", "state path"],
  ["API", "Run a statement"],
];

test("each view says that the daemon fails, and goes on by itself when it is well", {
  skip,
}, async (t) => {
  const { page, complaints, hurryUntil } = await openSignedIn(t);
  for (const [view, text] of answered) {
    // Another view first, so that this one begins without an answer; one that asks for no tables,
    // which are asked for once.
    await goTo(page, view === "Health" ? "Schedule" : "Health");
    await page.route("**/v1/**", (route) => route.fulfill({ status: 502, body: "<h1>Bad</h1>" }));
    await goTo(page, view);
    const alert = page.getByRole("alert").filter({ hasText: "status 502. Retrying." });
    await alert.first().waitFor();
    await hurryUntil(async () => (await page.getByText("Loading").count()) === 0);
    await page.unroute("**/v1/**");
    await hurryUntil(() => page.getByText(text).first().isVisible());
    await hurryUntil(async () => (await page.locator(".notice, p.bad-text").count()) === 0);
  }
  assert.deepEqual(complaints, []);
});

test("a request to a silent daemon times out and is retried", { skip }, async (t) => {
  const { page, hurryUntil } = await openSignedIn(t);
  const silent: Route[] = [];
  await page.route("**/v1/tables", (route) => void silent.push(route));
  await goTo(page, "Tables");
  await page.getByText("Loading").first().waitFor();
  const alert = page
    .getByRole("alert")
    .filter({ hasText: "No response from the daemon for 20 s. Retrying." });
  while (!(await alert.isVisible())) await page.clock.fastForward(1000);
  await page.unroute("**/v1/tables");
  await Promise.allSettled(silent.map((route) => route.abort()));
  await hurryUntil(() => page.getByText("apt_sources").first().isVisible());
});

test("statements are typed and run while the tables are not known yet", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await page.route("**/v1/tables", (route) => route.fulfill({ status: 500, json: {} }));
  await goTo(page, "Query");
  await page.getByText("Completion of names is not available yet.").waitFor();
  await page.getByRole("textbox", { name: "SQL statement" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(`select 'b' as b, 1 as "1", 2 as b`);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").getByText("duplicate column name b").waitFor();
  assert.deepEqual(await page.getByRole("columnheader").allTextContents(), ["b", "1"]);
});

test("a result that is cut off says that rows are missing", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await page.route("**/v1/query", (route) => route.fulfill({ body: '{"a":1}\n{"a":2}\n' }));
  await goTo(page, "Query");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("alert").getByText("rows are missing").waitFor();
});

test("a feed that is cut off goes on after the last event, and after a pause too", {
  skip,
}, async (t) => {
  const { page, hurryUntil } = await openSignedIn(t);
  const asked: (string | null)[] = [];
  let eid = 5;
  await page.route("**/v1/events/tail*", async (route) => {
    asked.push(new URL(route.request().url()).searchParams.get("after"));
    eid += 1;
    const rows = JSON.stringify({ rows: [{ path: `/event/${eid}` }], truncatedBy: null });
    await route.fulfill({
      contentType: "text/event-stream",
      body: `event: start\nid: 5\ndata: {"columns":["path"]}\n\nevent: rows\nid: ${eid}\ndata: ${rows}\n\n`,
    });
  });
  await goTo(page, "Live");
  await page.getByRole("alert").getByText("closed the connection. Retrying.").waitFor();
  await hurryUntil(() => page.getByText("/event/7").isVisible());
  assert.deepEqual(asked.slice(0, 2), [null, "6"]);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const newest = await page.getByRole("gridcell").first().textContent();
  const before = asked.length;
  await page.getByRole("button", { name: "Resume" }).click();
  while (asked.length === before) await page.clock.fastForward(1000);
  assert.equal(`/event/${asked[before]}`, newest);
});

test("a session that has ended leads to the sign-in, which says so, and back", {
  skip,
}, async (t) => {
  const { page, server, hurryUntil } = await openSignedIn(t);
  await goTo(page, "Health");
  await page.getByText("What to do:").first().waitFor();
  await page.context().clearCookies();
  await hurryUntil(() => page.getByText("Your session has ended").isVisible());
  await page.getByLabel("Token").fill(server.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Health" }).waitFor();
});

test("a reload while the daemon is away waits for it; odd addresses are taken as they are", {
  skip,
}, async (t) => {
  const { page, complaints, hurryUntil } = await openSignedIn(t);
  await page.route("**/v1/session", (route) => route.abort());
  await page.reload();
  await page.getByRole("alert").getByText("does not respond. Retrying.").waitFor();
  await page.unroute("**/v1/session");
  await hurryUntil(() => page.getByRole("heading", { name: "Overview" }).isVisible());
  await page.evaluate("location.hash = '#/query/100%'");
  await page.getByRole("button", { name: "Run" }).waitFor();
  assert.deepEqual(complaints, []);
});
