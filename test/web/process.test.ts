import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execRecords } from "../serve/exec_records.js";
import { violations } from "./axe.js";
import { skip } from "./browser.js";
import { goTo, openSignedIn, write } from "./signed_in_page.js";

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
