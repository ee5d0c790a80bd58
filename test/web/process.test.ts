import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { callRecords, execRecords } from "../serve/exec_records.js";
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
  const grid = page.getByRole("grid", { name: "Result" });
  await grid.getByRole("gridcell", { name: markup }).waitFor();
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
  const grid = page.getByRole("grid", { name: "Result" });
  engine.feedLog(execRecords("/other/none").bytes);
  const parent = execRecords("/live/parent");
  engine.feedLog(parent.bytes);
  engine.feedLog(execRecords("/live/child", parent.pid).bytes);
  engine.finishLog();
  await grid.getByRole("gridcell", { name: "/live/child" }).first().waitFor();
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

/** Characters that reorder, hide or split what is shown, with how they are written out. */
const disguises: readonly (readonly [number, string])[] = [
  ...[0x00, 0x07, 0x1b, 0x7f, 0x85, 0x9b].map((code) => [code, code.toString(16)] as const),
  ...[0x61c, 0x200b, 0x200d, 0x200e, 0x200f, 0x2028, 0x202a, 0x202d, 0x202e].map(
    (code) => [code, code.toString(16)] as const,
  ),
  ...[0x2060, 0x2066, 0x2069, 0x3164, 0xfeff].map((code) => [code, code.toString(16)] as const),
].map(([code, hex]) => [
  code,
  code <= 0xff ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`,
]);

test("no character of a value reorders or hides what the page shows", { skip }, async (t) => {
  const { page, engine, complaints } = await openSignedIn(t);
  // A kernel name holds no NUL; a value of SQL may.
  const name = disguises
    .filter(([code]) => code !== 0)
    .map(([code]) => `a${String.fromCodePoint(code)}`)
    .join("");
  const written = disguises.map(([, text]) => `a${text}`).join("");
  const shownName = disguises
    .filter(([code]) => code !== 0)
    .map(([, text]) => `a${text}`)
    .join("");
  engine.feedLog(
    callRecords({
      ...{ pid: 9001, ppid: 1, call: 59, exe: "/disguise/x", atMs: Date.now() },
      args: ["/disguise/x", name],
    }),
  );
  engine.finishLog();
  const joined = disguises.map(([code]) => `'a'||char(${code})`).join("||");
  await write(
    page,
    `select ${joined} as v, (select process_uuid from process_events where path = '/disguise/x') as process_uuid`,
  );
  await page.keyboard.press("Control+Enter");
  const grid = page.getByRole("grid", { name: "Result" });
  const cell = grid.getByRole("gridcell").first();
  await cell.waitFor();
  assert.equal(await cell.textContent(), written);
  assert.equal(await cell.getAttribute("title"), written);
  await cell.click();
  await page.getByRole("region", { name: "Row" }).getByText(written).waitFor();
  // A copy has what the value is.
  const copied = await page.evaluate(`(() => {
    const value = document.querySelector("[data-raw]");
    getSelection().selectAllChildren(value);
    const data = new DataTransfer();
    document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, cancelable: true, bubbles: true }));
    return data.getData("text/plain");
  })()`);
  assert.ok(String(copied).includes("\u202e"), JSON.stringify(copied));
  await grid.getByRole("link").first().click();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await page.locator("pre.command").getByText(shownName).waitFor();
  await page.getByRole("cell", { name: shownName }).first().waitFor();
  const raw = await page.locator("main").evaluate("(main) => main.textContent");
  assert.doesNotMatch(String(raw), /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(complaints, []);
});

test("what ran and the file that lies there now are told apart", { skip }, async (t) => {
  const { page, engine } = await openSignedIn(t);
  const folder = mkdtempSync(join(tmpdir(), "auditql-page-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "program");
  writeFileSync(path, "what lies there now");
  const { bytes } = execRecords(path);
  engine.feedLog(bytes);
  engine.finishLog();
  // The digest that a daemon, which hashes what is executed, would have stored with the exec.
  await page.evaluate(`(() => {
    const ask = window.fetch;
    window.fetch = async (path, options) => {
      const answer = await ask(path, options);
      if (!String(path).includes("/tree")) return answer;
      const body = await answer.json();
      body.process.sha256 = "0".repeat(64);
      return new Response(JSON.stringify(body), { status: answer.status });
    };
  })()`);
  await write(page, `select process_uuid from process_events where path = '${path}'`);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("grid", { name: "Result" }).getByRole("link").first().click();
  const card = (title: string) =>
    page.locator(".card").filter({ has: page.getByRole("heading", { name: title }) });
  await card("The file now").getByText("This is not the file that ran").waitFor();
  const now = createHash("sha256").update("what lies there now").digest("hex");
  const nowSha1 = createHash("sha1").update("what lies there now").digest("hex");
  assert.match((await card("The file now").textContent()) ?? "", new RegExp(`${now}.*${nowSha1}`));
  assert.doesNotMatch((await card("What ran").textContent()) ?? "", new RegExp(nowSha1));
  rmSync(path);
  await goTo(page, "Overview");
  await page.goBack();
  await card("The file now").getByText("This path does not exist now").waitFor();
});

test("each ancestor is shown as it ran when it started the next", { skip }, async (t) => {
  const { page, engine } = await openSignedIn(t);
  const atMs = Date.now() - 60_000;
  const [first, second, third] = [9101, 9102, 9103];
  const records = [
    { pid: first, ppid: 1, call: 59, exe: "/f/shell", args: ["shell", "-c", "one"] },
    { pid: first, ppid: 1, call: 56, exit: second, exe: "/f/shell" },
    { pid: second, ppid: first, call: 59, exe: "/f/middle", args: ["middle"] },
    { pid: first, ppid: 1, call: 59, exe: "/f/later", args: ["later"] },
    { pid: second, ppid: first, call: 56, exit: third, exe: "/f/middle" },
    { pid: second, ppid: first, call: 59, exe: "/f/other", args: ["other"] },
    { pid: third, ppid: second, call: 231, exe: "/f/middle" },
  ];
  for (const [at, record] of records.entries()) {
    engine.feedLog(callRecords({ ...record, atMs: atMs + at * 1000 }));
  }
  engine.finishLog();
  await write(page, `select process_uuid from process_events where pid = ${third} limit 1`);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("grid", { name: "Result" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Family" }).waitFor();
  const family = await page.locator(".tree a.process .arguments").allTextContents();
  // The last one only forked: it runs what its parent ran then.
  assert.deepEqual(family, ["shell -c one", "middle", "middle"]);
});

test("an ended process is asked for once, and its file is hashed once", { skip }, async (t) => {
  const { page, engine } = await openSignedIn(t);
  const [ended, living] = [9201, 9202];
  const atMs = Date.now() - 10_000;
  const exec = (pid: number) => ({
    pid,
    ppid: 1,
    call: 59,
    exe: `/p/${pid}`,
    args: [`${pid}`],
    atMs,
  });
  engine.feedLog(callRecords(exec(ended)));
  engine.feedLog(callRecords({ ...exec(ended), call: 231, atMs: atMs + 1 }));
  engine.feedLog(callRecords(exec(living)));
  engine.finishLog();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/tree")) asked.push(request.url());
  });
  await write(
    page,
    `select process_uuid from process_events where pid in (${ended}, ${living}) and event_action = 'exec' order by pid`,
  );
  await page.keyboard.press("Control+Enter");
  const links = page.getByRole("grid", { name: "Result" }).getByRole("link");
  await links.nth(1).waitFor();
  const [endedLink, livingLink] = await links.evaluateAll((all) =>
    all.map((each) => (each as unknown as { hash: string }).hash),
  );
  await page.clock.install();
  await page.evaluate(`location.hash = ${JSON.stringify(endedLink)}`);
  await page.getByRole("heading", { name: `${ended} pid` }).waitFor();
  await page.clock.fastForward(60_000);
  assert.equal(asked.length, 1);
  await page.evaluate(`location.hash = ${JSON.stringify(livingLink)}`);
  await page.getByRole("heading", { name: `${living} pid` }).waitFor();
  while (asked.length < 4) await page.clock.fastForward(1000);
  assert.deepEqual(
    asked.slice(1, 4).map((url) => url.includes("executable=false")),
    [false, true, true],
  );
});

test("a choice or a condition ends the pause of the live view", { skip }, async (t) => {
  const { page } = await openSignedIn(t);
  await goTo(page, "Live");
  await page.getByRole("columnheader", { name: "process_uuid" }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByLabel("where").fill("nosuch = 1");
  await page.getByRole("button", { name: "Follow" }).click();
  await page.getByRole("alert").getByText("no such column: nosuch").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  const offered = await page.getByLabel("Table").locator("option").allTextContents();
  assert.ok(
    offered.includes("user_events") && offered.includes("process_file_events"),
    `${offered}`,
  );
  await page.getByLabel("Table").selectOption("user_events");
  await page.getByRole("columnheader", { name: "terminal" }).waitFor();
});
