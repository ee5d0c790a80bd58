import assert from "node:assert/strict";
import { test } from "node:test";
import { execRecords } from "../serve/exec_records.js";
import { skip } from "./browser.js";
import { goTo, openSignedIn } from "./signed_in_page.js";

test("on a phone tables flow: none is to be scrolled sideways, and values keep their names", {
  skip,
}, async (t) => {
  const { page, engine } = await openSignedIn(t, { width: 360, height: 740 });
  engine.feedLog(execRecords(`/narrow/${"long-".repeat(40)}`).bytes);
  engine.finishLog();
  const table = page.locator(".scroll");
  const overhang = () => table.first().evaluate((box) => box.scrollWidth - box.clientWidth);
  await goTo(page, "Health");
  await page.getByLabel("with those that are zero").check();
  await table.first().waitFor();
  assert.equal(await overhang(), 0);
  assert.equal(await table.locator("td").first().getAttribute("data-name"), "stage");
  await goTo(page, "Processes");
  await page.getByRole("button", { name: "Newest started" }).click();
  await page.locator("a.process").filter({ hasText: "/narrow/" }).first().click();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  assert.equal(await overhang(), 0);
});
