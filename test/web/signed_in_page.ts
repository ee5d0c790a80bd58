import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { type OpenPage, openPage, type PageOptions } from "./browser.js";
import { type PageServer, startPageServer } from "./page_server.js";

/** A page whose user has signed in, and the server that it is of. */
export async function openSignedIn(
  t: TestContext,
  options: PageOptions = {},
): Promise<PageServer & OpenPage> {
  const host = await startPageServer(t);
  const opened = await openPage(t, options);
  await opened.page.goto(host.signInUrl());
  await opened.page.getByRole("heading", { name: "Overview" }).waitFor();
  return { ...host, ...opened };
}

/** Follows a link of the navigation. */
export async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: view, exact: true }).click();
}

/** Goes to the editor and puts a statement in the place of what is in it. */
export async function write(page: Page, sql: string): Promise<void> {
  await goTo(page, "Query");
  await page.getByRole("textbox", { name: "SQL statement" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(sql);
}
