import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";
import { promisify } from "node:util";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";

/** Debian's account without rights; its group has the same number. */
const nobody = 65534;
const skip = process.geteuid?.() === 0 ? false : "needs root, to ask as another user";
if (skip) console.log(`skipped: users of the unix socket (${skip})`);

/** Sends one request and prints status, own pid and body; for a process of another user. */
const client = `
  const [socketPath, method, path, body] = process.argv.slice(1);
  const headers = { host: "localhost", ...(body ? { "content-type": "application/json" } : {}) };
  const sent = require("node:http").request({ socketPath, method, path, headers }, async (answer) => {
    let text = "";
    for await (const part of answer) text += part;
    console.log(JSON.stringify({ status: answer.statusCode, pid: process.pid, text }));
  });
  sent.on("error", ({ code }) => console.log(JSON.stringify({ status: 0, pid: process.pid, text: code })));
  sent.end(body);`;

interface ClientAnswer {
  readonly status: number;
  readonly pid: number;
  readonly text: string;
}

describe("the unix socket, by who connects", { skip }, () => {
  let home: DaemonHome;
  let daemon: DaemonProcess;

  beforeEach(() => {
    home = new DaemonHome();
  });
  afterEach(async () => {
    await daemon.kill();
    home.remove();
  });

  /** A daemon whose directories others may pass through, as those of a socket below /run are. */
  async function start(http: object): Promise<void> {
    const config = {
      options: { logger_path: home.logPath, logger_plugin: "filesystem" },
      auditql: { state_path: home.statePath, http, capture: { backend: "none" } },
    };
    daemon = await DaemonProcess.start(home, { config });
    chmodSync(home.path, 0o711);
    chmodSync(home.statePath, 0o711);
  }

  async function askAsNobody(method: string, path: string, body = ""): Promise<ClientAnswer> {
    const user = ["--reuid", `${nobody}`, "--regid", `${nobody}`, "--clear-groups"];
    const program = [process.execPath, "-e", client, home.socketPath, method, path, body];
    const { stdout } = await promisify(execFile)("setpriv", [...user, "--", ...program], {
      cwd: "/",
    });
    const answer: ClientAnswer = JSON.parse(stdout);
    return answer;
  }

  const query = (sql: string) => askAsNobody("POST", "/v1/query", JSON.stringify({ sql }));

  test("a user that is listed asks with the role read, and the log has uid and pid", async () => {
    await start({ socket_group: nobody, socket_users: ["nobody"] });
    assert.equal(statSync(home.socketPath).mode & 0o777, 0o660);
    const answer = await query("select 40 + 2 as answer");
    assert.equal(answer.status, 200);
    assert.match(answer.text, /"answer":42/);
    const line = await eventually(
      async () => daemon.stderr.split("\n").find((each) => each.includes("40 + 2")) ?? "",
      (found) => found !== "",
    );
    assert.match(line, new RegExp(`query by unix:${answer.pid} \\(uid:${nobody}\\)`));
    assert.match((await askAsNobody("GET", "/v1/session")).text, /"uid:65534","role":"read"/);
    for (const [method, path] of [
      ["GET", "/v1/config"],
      ["POST", "/v1/session/links"],
    ] as const) {
      const refused = await askAsNobody(method, path);
      assert.equal(refused.status, 403);
      assert.match(refused.text, /role_refused/);
    }
    assert.match((await daemon.get("/v1/session")).body, /"uid:0","role":"admin"/);
  });

  test("a user that may open the socket and is not listed is refused on every route", async () => {
    await start({ socket_group: "nogroup" });
    for (const path of ["/v1/session", "/v1/tables", "/metrics", "/healthz", "/"]) {
      const answer = await askAsNobody("GET", path);
      assert.equal(answer.status, 403, path);
      assert.match(answer.text, /peer_refused/);
    }
    assert.match((await query("select 1")).text, /peer_refused/);
    const counted = `select value from auditql_health
      where stage = 'serve' and metric = 'dropped' and reason = 'peer_refused'`;
    assert.equal(await daemon.number(counted), 6);
  });

  test("a user or group that does not exist is warned of and gives no access", async () => {
    await start({ socket_group: "no-such-group", socket_users: ["nobody", "no-such-user"] });
    assert.match(daemon.stderr, /socket_users: unknown user: no-such-user/);
    assert.match(daemon.stderr, /socket_group: unknown group: no-such-group/);
    assert.equal(statSync(home.socketPath).mode & 0o777, 0o600);
    assert.equal((await query("select 1")).text, "EACCES");
  });
});
