import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, skip } from "./browser.js";
import { startPageServer } from "./page_server.js";

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
  await second.page.getByText("invalid or expired").waitFor();
});

test("a token signs in, a wrong one does not, and signing out ends it", { skip }, async (t) => {
  const { server } = await startPageServer(t);
  const { page } = await openPage(t);
  await page.goto(server.url);
  const field = page.getByLabel("Token");
  await field.fill("wrong-token-wrong-token");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("invalid or expired").waitFor();
  await field.fill(server.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
});
