import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../live/eventually.js";
import { fullReport } from "../serve/sample_capture.js";
import { violations } from "./axe.js";
import { skip } from "./browser.js";
import { goTo, openSignedIn } from "./signed_in_page.js";

const owner = {
  backend: "audit",
  reason: "the audit stream is owned by pid 812",
  remedy: "stop it",
};
const connector = {
  status: { backend: "proc-connector", unavailable: [owner] },
  report: {
    ...fullReport,
    processes: "limited",
    sockets: "off",
    files: "off",
    records: "off",
    problems: [{ name: "no_sockets", reason: "no sockets", remedy: "run auditql doctor" }],
  },
} as const;
const off = { wanted: "none", status: { backend: null, unavailable: [] } } as const;

test("every view's header and title say which host it is, what captures it, and since when", {
  skip,
}, async (t) => {
  const { page, complaints } = await openSignedIn(t);
  const status = page.locator("header .capture");
  for (const view of ["Query", "Live", "Schedule", "Health", "Tables", "Overview"]) {
    await goTo(page, view);
    const wanted = `${view} – web-1 – auditql`;
    const title = await eventually(
      () => page.title(),
      (text) => text === wanted,
    );
    assert.equal(title, wanted);
    await status.getByText("capturing by audit since 2026-01-02 03:04:05").waitFor();
  }
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(complaints, []);
});

test("a backend without sockets is in the header, and no loss is not claimed of what is unseen", {
  skip,
}, async (t) => {
  const { page, showCapture } = await openSignedIn(t);
  showCapture(connector);
  await page.reload();
  await page
    .locator("header .capture.bad")
    .getByText("not captured: sockets, user records")
    .waitFor();
  await goTo(page, "Overview");
  await page.getByText("On this host, not captured: sockets").waitFor();
  await goTo(page, "Health");
  await page.getByRole("heading", { name: /socket and file events are not captured/ }).waitFor();
  await page.getByText("owned by pid 812").first().waitFor();
  assert.equal(await page.getByText("No problems").count(), 0);
  await goTo(page, "Live");
  await page.getByLabel("Table", { exact: true }).selectOption("socket_events");
  await page.getByText("socket_events receives no rows: no sockets").waitFor();
  assert.deepEqual(await violations(page), []);
});

test("capture that is off is no green page", { skip }, async (t) => {
  const { page, showCapture } = await openSignedIn(t);
  showCapture(off);
  await page.reload();
  await page.locator("header .capture.bad").getByText("not capturing since").waitFor();
  await goTo(page, "Overview");
  await page.getByText("No events are captured, so losses cannot be counted.").waitFor();
  const lost = page.locator(".figures li").filter({ hasText: "lost before storage" });
  assert.match((await lost.textContent()) ?? "", /^– /);
  await goTo(page, "Health");
  await page.getByRole("heading", { name: "capture is turned off" }).waitFor();
  await goTo(page, "Live");
  await page.getByText("process_events receives no rows: no capture backend is running").waitFor();
});

test("on a phone the state of capture does not widen the page", { skip }, async (t) => {
  const { page, showCapture } = await openSignedIn(t, { width: 360, height: 740 });
  showCapture(connector);
  await page.reload();
  await page.locator("header .capture.bad").waitFor();
  const overhang = await page
    .locator("html")
    .evaluate((root) => root.scrollWidth - root.clientWidth);
  assert.equal(overhang, 0);
});
