import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Config } from "../../src/config/config.js";
import { loadConfig } from "../../src/config/load_config.js";
import { publishOptions } from "../../src/daemon/publish_options.js";
import { LogFile } from "../../src/log/log_file.js";
import { openLogger } from "../../src/log/open_logger.js";
import { openTokenFile } from "../../src/serve/auth/token.js";
import { openTokenList } from "../../src/serve/auth/token_list.js";
import { readTlsFiles } from "../../src/serve/tls.js";
import { loadGood } from "../config/loaded_config.js";
import { oddFiles } from "../config/odd_files.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";
import { logConfig, logger, loggerContext, results } from "../log/log_fixture.js";

/** Larger than anything that is read. */
const largeBytes = 2 ** 27;

/** Puts the odd file where a setting expects a file; gives what is said of it. */
type Setting = (path: string, context: TestContext) => Promise<string> | string;

async function errorOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "";
  } catch (error) {
    return String(error);
  }
}

/** What loadConfig() says, as `config check`, a start and a reload of the daemon do. */
function problemsOf(context: TestContext, text: string, ...args: string[]): string {
  const folder = temporaryFolder(context);
  const path = join(folder, "auditql.conf");
  writeFileSync(path, text);
  const { problems } = loadConfig({ args: [`--config_path=${path}`, ...args] });
  return problems.map(({ message }) => message).join("\n");
}

function linkAt(path: string, ...names: string[]): void {
  for (const name of names) symlinkSync(path, name);
}

const settings: Readonly<Record<string, Setting>> = {
  config_path: (path) =>
    loadConfig({ args: [`--config_path=${path}`] })
      .problems.map(({ message }) => message)
      .join("\n"),
  flagfile: (path, context) => problemsOf(context, "{}", `--flagfile=${path}`),
  "a flagfile in a flagfile": (path, context) => {
    const first = join(temporaryFolder(context), "flags");
    writeFileSync(first, `--flagfile=${path}\n`);
    return problemsOf(context, "{}", `--flagfile=${first}`);
  },
  packs: (path, context) => problemsOf(context, JSON.stringify({ packs: { p: path } })),
  "a file of the .d folder": (path, context) => {
    const main = join(temporaryFolder(context), "a.conf");
    writeFileSync(main, "{}");
    mkdirSync(`${main}.d`);
    linkAt(path, `${main}.d/x.conf`);
    return loadConfig({ args: [`--config_path=${main}`] })
      .problems.map(({ message }) => message)
      .join("\n");
  },
  "yara.signatures": async (path, context) => {
    const { config } = loadGood(context, { "a.conf": "{}" });
    const fileEvents = { maxHashBytes: 1, signatures: [{ category: "c", files: [path] }] };
    const publish: Config["publish"] = { ...config.publish, fileEvents };
    const said: string[] = [];
    const runner = { run: () => assert.fail(), inspect: () => assert.fail() };
    const warn = (message: string) => void said.push(message);
    await publishOptions({ config: { ...config, publish }, runner: runner as never, warn });
    return said.join("\n");
  },
  "http.tls.certificate_path": (path) =>
    errorOf(() => readTlsFiles({ certificatePath: path, keyPath: path, clientCaPath: null })),
  "http.token_path": (path) => errorOf(() => openTokenFile(path)),
  "http.tokens_path": (path) => errorOf(() => openTokenList({ path, onBroken() {} })),
  "the syslog logger's ca_file": (path, context) => {
    const options = { host: "127.0.0.1", tls: true, ca_file: path };
    const config = logConfig(temporaryFolder(context));
    return errorOf(() => openLogger(logger("syslog", { options }), loggerContext(config)));
  },
  "a logger's module": (path, context) => {
    const config = logConfig(temporaryFolder(context));
    return errorOf(() => openLogger(logger("m", { module: path }), loggerContext(config)));
  },
  "a log file": (path) => {
    const rotation = { maxBytes: 0, maxAgeSeconds: 0, maxFiles: 1 };
    const options = { path, mode: 0o600, rotation, fsync: "never", now: Date.now } as const;
    return errorOf(() => new LogFile(options).append(results("{}").lines));
  },
};

/** A file that is missing is made, or means that there are none. */
const mayBeMissing = ["http.token_path", "http.tokens_path", "a log file"];
/** What is written to a device such as /dev/null or /dev/full is gone at once. */
const mayBeDevices = ["a log file"];

describe("what a setting names may be anything: an error, at once", () => {
  for (const [setting, put] of Object.entries(settings)) {
    test(setting, async (context) => {
      for (const [kind, path] of await oddFiles(context, largeBytes)) {
        if (/missing/.test(kind) && mayBeMissing.includes(setting)) continue;
        if (/device|terminal|large/.test(kind) && mayBeDevices.includes(setting)) continue;
        if (/missing/.test(kind) && setting === "a file of the .d folder") continue;
        // A module of this size is not read in a test.
        if (/large/.test(kind) && setting === "a logger's module") continue;
        assert.notEqual(await put(path, context), "", kind);
      }
    });
  }
});

test("a folder of further configuration that is none is an error", (context) => {
  const main = join(temporaryFolder(context), "a.conf");
  writeFileSync(main, "{}");
  writeFileSync(`${main}.d`, "");
  const { config, problems } = loadConfig({ args: [`--config_path=${main}`] });
  assert.equal(config, null);
  assert.match(problems[0]?.message ?? "", /a\.conf\.d: it is a regular file, not a directory/);
});

test("a daemon answers, and stops, while packs and the configuration become FIFOs", async (context) => {
  const home = new DaemonHome();
  context.after(() => home.remove());
  const odd = await oddFiles(context, largeBytes);
  const auditql = {
    state_path: home.statePath,
    http: { port: 0 },
    capture: { backend: "none" },
  };
  const daemon = await DaemonProcess.start(home, { config: { auditql } });
  context.after(() => daemon.kill());
  for (const [kind, path] of odd) {
    home.writeConfig({ auditql, packs: { [kind]: path } });
    const said = `${path}: it is `;
    if (kind === "fifo") await eventually(async () => daemon.stderr.includes(said), Boolean);
    assert.equal((await daemon.get("/healthz")).status, 200, kind);
  }
  assert.match(daemon.stderr, /fifo: it is a FIFO, not a regular file/);
  const configPath = join(home.path, "auditql.conf");
  rmSync(configPath);
  linkAt(odd.get("fifo") ?? "", configPath);
  daemon.signal("SIGHUP");
  await eventually(async () => daemon.stderr.includes(`${configPath}: it is a FIFO`), Boolean);
  assert.equal((await daemon.get("/healthz")).status, 200);
  assert.equal(await daemon.stop(), 0);
});
