import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

interface AxeResult {
  readonly violations: readonly {
    id: string;
    nodes: readonly { html: string; failureSummary?: string }[];
  }[];
}

/** What axe finds, as one line each. */
export async function violations(page: Page): Promise<readonly string[]> {
  // By the debugger's way, which the page's own policy does not bind.
  await page.evaluate(axeSource);
  // What fades in has too little contrast until it is there.
  await page.evaluate(
    "Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))",
  );
  const result: AxeResult = await page.evaluate("axe.run()");
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
  );
}
