import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { openPage, type PageOptions, takePicture, skip as whyNoPage } from "../web/browser.js";
import { hostPerTest, type LiveHost, skipReason } from "./live_host.js";
import { whyNoCapture } from "./tested_backend.js";

const skip = skipReason("the page, live", whyNoCapture() ?? (whyNoPage || null));

async function startDaemon(host: LiveHost) {
  const daemon = await host.start();
  const port = /HTTP on 127\.0\.0\.1 port (\d+)/.exec(daemon.stderr)?.[1];
  const token = readFileSync(join(host.home.statePath, "token"), "utf8").trim();
  return { daemon, url: `http://127.0.0.1:${port}`, token };
}

async function signIn(t: TestContext, from: { url: string; token: string }, options?: PageOptions) {
  const { page, complaints } = await openPage(t, options);
  await page.goto(from.url);
  await page.getByLabel("Token").fill(from.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const goTo = (view: string) =>
    page.getByRole("navigation").getByRole("link", { name: view, exact: true }).click();
  return { page, complaints, goTo };
}

/** A shell that runs a program under a name that nothing else has. */
async function runMarked(marker: string): Promise<void> {
  const shell = spawn("/bin/sh", ["-c", `/usr/bin/env sleep 0.1 && /bin/echo ${marker} && exit 0`]);
  await once(shell, "exit");
}

/** What a view shows once the daemon has answered. */
const contents = {
  Schedule: "details",
  Health: "td",
  Tables: "details",
  Processes: ".processes li",
};

describe("the page of a capturing daemon", { skip }, () => {
  const host = hostPerTest();

  test("a process that starts is seen live, and its tree leads to whoever started it", async (t) => {
    const daemon = await startDaemon(host);
    const { page, complaints, goTo } = await signIn(t, daemon);
    await goTo("Live");
    const marker = `marker-${process.pid}`;
    // On a busy host a row is out of sight before it can be looked at.
    const filter = `event_action = 'exec' and cmdline like '%${marker}%'`;
    await page.getByLabel("where").fill(filter);
    const followed = page.waitForResponse((answer) =>
      decodeURIComponent(answer.url()).includes(filter),
    );
    await page.getByRole("button", { name: "Follow" }).click();
    await followed;
    const grid = page.getByRole("grid", { name: "Result" });
    await runMarked(marker);
    // Path and arguments side by side: the shell's own arguments name the marker too.
    const row = grid.getByRole("row").filter({ hasText: `echo/bin/echo ${marker}` });
    await row.waitFor();
    await takePicture(page, "live");
    // Rows that arrive meanwhile would move it away from under the pointer.
    await page.getByRole("button", { name: "Pause" }).click();
    await row.getByRole("link").click();
    await page.getByRole("heading", { name: /^echo pid/ }).waitFor();
    const family = page.locator(".tree a.process");
    const names = (await family.allTextContents()).join("\n");
    assert.match(names, /\bsh\b/);
    assert.match(names, /\bnode\b/);
    await page.getByRole("cell", { name: "exit", exact: true }).waitFor();
    await page.getByText("SHA-256").first().waitFor();
    await family.filter({ hasText: "sh" }).last().click();
    await page.getByText(`/bin/echo ${marker}`).first().waitFor();
    assert.deepEqual(complaints, []);
  });

  test("every view shows the host", async (t) => {
    const daemon = await startDaemon(host);
    for (const mode of ["light", "dark", "phone"] as const) {
      const isPhone = mode === "phone";
      const size = isPhone ? { width: 390, height: 844 } : { width: 1360, height: 860 };
      const { page, goTo } = await signIn(t, daemon, { ...size, dark: mode === "dark" });
      const suffix = mode === "light" ? "" : `-${mode}`;
      for (let n = 0; n < 5; n += 1) await runMarked(`view-${n}`);
      await goTo("Query");
      await page.getByRole("textbox", { name: "SQL statement" }).click();
      await page.keyboard.press("Control+Enter");
      await page.getByRole("status").getByText("rows in").waitFor();
      await takePicture(page, `query${suffix}`);
      for (const [view, content] of Object.entries(contents)) {
        await goTo(view);
        await page.getByRole("heading", { level: 1, name: view }).waitFor();
        await page.locator(content).first().waitFor();
        await takePicture(page, `${view.toLowerCase()}${suffix}`);
      }
      await goTo("Overview");
      await page.getByRole("heading", { name: /Executables/ }).waitFor();
      await page.locator(".bars li").first().waitFor();
      await takePicture(page, `overview${suffix}`);
    }
  });
});
