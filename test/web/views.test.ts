import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page, Route } from "playwright-core";
import { violations } from "./axe.js";
import { skip } from "./browser.js";
import { goTo, openSignedIn, write } from "./signed_in_page.js";

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
  await page.locator("details").first().waitFor();
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

interface View {
  readonly link: string;
  readonly heading: string;
  /** In the page's address. */
  readonly hash: string;
  /** What is there once the daemon has answered. */
  readonly answered: (page: Page) => Locator;
}

const views: readonly View[] = [
  {
    ...{ link: "Query", heading: "Query", hash: "query" },
    answered: (page) => page.getByRole("textbox", { name: "SQL statement" }),
  },
  {
    ...{ link: "Overview", heading: "Overview", hash: "overview" },
    answered: (page) => page.locator(".figures"),
  },
  {
    ...{ link: "Live", heading: "Live events", hash: "live" },
    answered: (page) => page.getByRole("columnheader", { name: "process_uuid" }),
  },
  {
    ...{ link: "Processes", heading: "Processes", hash: "process" },
    answered: (page) => page.locator(".processes li").first(),
  },
  {
    ...{ link: "Schedule", heading: "Schedule", hash: "schedule" },
    answered: (page) => page.locator("details").first(),
  },
  {
    ...{ link: "Health", heading: "Health", hash: "health" },
    answered: (page) => page.getByText("What to do:").first(),
  },
  {
    ...{ link: "Tables", heading: "Tables", hash: "tables" },
    answered: (page) => page.locator("details").first(),
  },
  {
    ...{ link: "Config", heading: "Configuration", hash: "config" },
    answered: (page) => page.getByText("state path"),
  },
  {
    ...{ link: "API", heading: "API", hash: "api" },
    answered: (page) => page.locator("details").first(),
  },
];

/** Waits until a view is shown, with or without an answer. */
async function seeView(page: Page, { heading }: View): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading }).waitFor({ state: "attached" });
}

for (const dark of [false, true]) {
  test(`every view passes axe, ${dark ? "dark" : "light"}`, { skip }, async (t) => {
    const { page, complaints } = await openSignedIn(t, { dark });
    await write(page, "select pid, path from processes limit 20");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("status").getByText("rows in").waitFor();
    for (const view of views) {
      await goTo(page, view.link);
      await seeView(page, view);
      await view.answered(page).waitFor();
      assert.deepEqual(await violations(page), [], view.link);
    }
    assert.deepEqual(complaints, []);
  });
}

test("every view passes axe while its answers are still on their way", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  const held: Route[] = [];
  await page.route("**/v1/**", (route) => held.push(route));
  for (const view of views) {
    await goTo(page, view.link);
    await seeView(page, view);
    assert.deepEqual(await violations(page), [], view.link);
  }
  assert.notEqual(held.length, 0);
});

test("on a phone no view is wider than the screen, before its answers and with them", {
  skip,
}, async (t) => {
  const { page } = await openSignedIn(t, { width: 390, height: 800 });
  for (const view of views) {
    const isWider = async () => {
      const width = await page.evaluate("document.documentElement.scrollWidth");
      return Number(width) > 390;
    };
    await page.goto(`${new URL(page.url()).origin}/#/${view.hash}`);
    await seeView(page, view);
    assert.equal(await isWider(), false, view.link);
    await view.answered(page).waitFor();
    assert.equal(await isWider(), false, view.link);
  }
});

test("an address that names no view says so", { skip }, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  await page.goto(`${new URL(page.url()).origin}/#/processes`);
  await page.getByRole("heading", { name: "No such view" }).waitFor();
  assert.match(await page.title(), /No such view/);
  await page.goto(`${new URL(page.url()).origin}/#/schedule`);
  await page.locator("summary").first().click();
  await page.getByText("What was executed.").waitFor();
  assert.deepEqual(complaints, []);
});

test("a chart has the colours of the theme that is chosen while it is open", {
  skip,
}, async (t) => {
  const { page } = await openSignedIn(t);
  const legend = page.locator(".plot .u-legend .u-marker").nth(1);
  await legend.waitFor({ state: "attached" });
  const colours = () =>
    page.evaluate(`(() => {
      const canvas = document.querySelector(".plot canvas");
      const style = getComputedStyle(canvas);
      const marker = document.querySelectorAll(".plot .u-legend .u-marker")[1];
      return [getComputedStyle(marker).backgroundColor, style.color];
    })()`);
  await page.getByRole("button", { name: /^Theme:/ }).click();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  const changed = await colours();
  await page.reload();
  await legend.waitFor({ state: "attached" });
  assert.deepEqual(changed, await colours());
});

test("nothing moves for those who ask for reduced motion", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await page.route("**/v1/**", () => {});
  await goTo(page, "Health");
  const running = () => page.evaluate("document.getAnimations().length");
  assert.notEqual(await running(), 0);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await goTo(page, "Schedule");
  assert.equal(await running(), 0);
});
