import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";

const executable = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

/** Why pages cannot be tested here; false when they can. */
export const skip =
  executable === undefined
    ? "needs Chromium (apt install chromium)"
    : existsSync("dist/web/index.html")
      ? false
      : "needs the built page (node scripts/build-web.mjs)";

let shared: Promise<Browser> | null = null;

function browser(): Promise<Browser> {
  shared ??= chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    // Chromium's own sandbox needs user namespaces, which root and containers often lack.
    args: ["--no-sandbox"],
  });
  return shared;
}

after(async () => {
  if (shared !== null) await (await shared).close();
});

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** IANA name; default: the host's. */
  readonly timezone?: string;
}

/** What a page did that it must not do: errors, and whatever its security policy blocked. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Bytes of the page itself that came over the network, as they were sent; without what it asked
   * of the daemon, which is more the longer it is open. */
  readonly transferred: () => Promise<number>;
}

/** A fresh browser profile with one page, closed after the test. */
export async function openPage(t: TestContext, options: PageOptions = {}): Promise<OpenPage> {
  const { width = 1280, height = 800, dark = false, timezone } = options;
  const context = await (await browser()).newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    ...(timezone === undefined ? {} : { timezoneId: timezone }),
  });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (/content security policy|trusted(type|html|script)/i.test(message.text())) {
      complaints.push(message.text());
    }
  });
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (new URL(request.url()).pathname.startsWith("/v1/")) return;
    const size = request.sizes().then(
      (sent) => sent.responseBodySize + sent.responseHeadersSize,
      () => 0,
    );
    sizes.push(size);
  });
  const transferred = async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  return { page, complaints, transferred };
}

/** Folder for pictures of the views (docs/screenshots); none are taken without. */
const pictures = process.env["AUDITQL_SCREENSHOTS"];

export async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
