import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { type AuditState, readAuditState, restoreAuditState } from "./audit_state.js";
import { DaemonHome, type DaemonOptions, DaemonProcess } from "./daemon_process.js";
import { whyNoCapture, withTestedBackend } from "./tested_backend.js";

/**
 * What a live test changes on the host: daemons, their directory and auditing. All of it is put
 * back after each test, or after the suite, however the tests end.
 */
export class LiveHost {
  #home: DaemonHome | null = null;
  #found: AuditState | null = null;
  #daemons: DaemonProcess[] = [];

  /** Auditing as it was before the test. */
  get found(): AuditState {
    if (this.#found === null) throw new Error("the audit state is read when a test begins");
    return this.#found;
  }

  get home(): DaemonHome {
    if (this.#home === null) throw new Error("the directory is made when a test begins");
    return this.#home;
  }

  /** The daemon that was started last. */
  get daemon(): DaemonProcess {
    const last = this.#daemons.at(-1);
    if (last === undefined) throw new Error("no daemon was started");
    return last;
  }

  /** Starts a daemon with the tested backend, unless `config` names one; waits until it is ready. */
  async start(options: DaemonOptions = {}): Promise<DaemonProcess> {
    const daemon = await DaemonProcess.start(this.home, this.#capturing(options));
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Starts a daemon that is not expected to become ready. */
  launch(options: DaemonOptions = {}): DaemonProcess {
    const daemon = DaemonProcess.launch(this.home, this.#capturing(options));
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Changes the configuration, with the tested backend unless `config` names one. */
  writeConfig(config: Readonly<Record<string, unknown>>): void {
    this.home.writeConfig(this.#capturing({ config }).config ?? {});
  }

  #capturing(options: DaemonOptions): DaemonOptions {
    const defaults = { state_path: this.home.statePath, http: { port: 0 }, log: {} };
    return { ...options, config: withTestedBackend(options.config ?? {}, defaults) };
  }

  begin(): void {
    this.#found = readAuditState();
    this.#home = new DaemonHome();
  }

  /** Ends what still runs, as an administrator would, and sees that this left auditing as found. */
  async end(): Promise<void> {
    const daemons = this.#daemons;
    this.#daemons = [];
    for (const daemon of daemons) await daemon.stop();
    const left = readAuditState();
    restoreAuditState(this.found);
    this.home.remove();
    assert.deepEqual(left, this.found, "auditing is not as it was found");
  }
}

/** A fresh host for each test of the enclosing suite; `whenReady` runs once a test may begin. */
export function hostPerTest(whenReady: (host: LiveHost) => Promise<unknown> = async () => {}) {
  const host = new LiveHost();
  beforeEach(async () => {
    host.begin();
    await whenReady(host);
  });
  afterEach(() => host.end());
  return host;
}

/** One host, with a running daemon, for all tests of the enclosing suite. */
export function hostPerSuite(
  start: (host: LiveHost) => Promise<unknown> = (host) => host.start(),
): LiveHost {
  const host = new LiveHost();
  before(async () => {
    host.begin();
    await start(host);
  });
  after(() => host.end());
  return host;
}

/** For the `skip` option of a suite: why live capture cannot be tested here, which is printed. */
export function skipReason(title: string, why = whyNoCapture()): string | false {
  if (why === null) return false;
  console.log(`skipped: ${title} (${why})`);
  return why;
}
