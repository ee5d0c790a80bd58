import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Sessions } from "../../src/serve/auth/sessions.js";
import { openTokenList } from "../../src/serve/auth/token_list.js";
import { type RunningServer, startTestServer } from "./running_server.js";

interface SignedIn {
  readonly cookie: string;
  readonly key: string;
  readonly role: string;
}

function postSession(server: RunningServer, body: unknown): Promise<Response> {
  return fetch(`${server.url}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify(body),
  });
}

async function signIn(server: RunningServer, body: unknown): Promise<SignedIn> {
  const answer = await postSession(server, body);
  assert.equal(answer.status, 200);
  const { key, role }: { key: string; role: string } = JSON.parse(await answer.text());
  return { cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? "", key, role };
}

async function ask(
  server: RunningServer,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly code: string }> {
  const answer = await fetch(server.url + path, { headers });
  const { code = "" }: { code?: string } = JSON.parse(await answer.text());
  return { status: answer.status, code };
}

const sessionHeaders = (server: RunningServer, { cookie, key }: SignedIn) => ({
  cookie,
  "auditql-session-key": key,
  origin: server.url,
});

/** A server with a file of further tokens, one of each role. */
async function startWithTokens(t: TestContext) {
  const errors: string[] = [];
  const tokens = { reader: randomSecret(), keeper: randomSecret() };
  const directory = process.env["TMPDIR"] ?? "/tmp";
  const path = join(directory, `auditql-tokens-${randomSecret()}`);
  const write = (lines: readonly string[]) =>
    writeFileSync(path, `# further tokens\n\n${lines.join("\n")}\n`, { mode: 0o600 });
  const lines = {
    reader: `reader read sha256:${sha256(tokens.reader)}`,
    keeper: `keeper admin sha256:${sha256(tokens.keeper)}`,
  };
  write([lines.reader, lines.keeper]);
  const list = openTokenList({ path, onBroken: (error) => errors.push(error.message) });
  // Tests ask with tokens that do not hold until these do not.
  const limitOverrides = { failuresPerMinute: 10_000, requestsPerMinute: 10_000 };
  const server = await startTestServer(t, { tokens: list, limitOverrides });
  return { server, tokens, lines, write, path, errors };
}

const randomSecret = () => randomBytes(32).toString("base64url");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("a sign-in link opens one session, once", async (t) => {
  const server = await startTestServer(t);
  const { code } = server.context.sessions.createLink();
  const session = await signIn(server, { code });
  assert.equal(session.role, "admin");
  assert.equal((await ask(server, "/v1/config", sessionHeaders(server, session))).status, 200);
  const again = await postSession(server, { code });
  assert.equal(again.status, 401);
  assert.match(await again.text(), /"code":"sign_in_refused"/);
});

test("every sign-in is logged with who and from where", async (t) => {
  const server = await startTestServer(t);
  await signIn(server, { token: server.token });
  const logged = () => server.log.find((entry) => entry["event"] === "sign_in");
  while (logged() === undefined) await sleep(5);
  const line = logged();
  assert.equal(line?.["caller"], "token");
  assert.equal(line?.["peer"], "127.0.0.1");
});

test("a sign-in link that is too old opens nothing", () => {
  let now = 1_000_000;
  const sessions = new Sessions({ now: () => now, maxSessions: 2, sessionMs: 50, linkMs: 100 });
  const { code } = sessions.createLink();
  now += 100;
  assert.equal(sessions.redeemLink(code), null);
});

test("sessions end with their time, and the oldest when there are too many", () => {
  let now = 1_000_000;
  const sessions = new Sessions({ now: () => now, maxSessions: 2, sessionMs: 50, linkMs: 100 });
  const holder = { name: "n", role: "read", isValid: () => true } as const;
  const opened = [1, 2, 3].map(() => sessions.open(holder));
  const alive = () => opened.map(({ id, key }) => sessions.find(id, key) !== null);
  assert.deepEqual(alive(), [false, true, true]);
  now += 50;
  assert.deepEqual(alive(), [false, false, false]);
});

test("the session cookie is out of reach of scripts and of other sites", async (t) => {
  const server = await startTestServer(t);
  const answer = await postSession(server, { token: server.token });
  assert.match(
    answer.headers.get("set-cookie") ?? "",
    /^auditql_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
});

test("a cookie alone opens nothing: browsers send it to every port of the host", async (t) => {
  const server = await startTestServer(t);
  const { cookie, key } = await signIn(server, { token: server.token });
  const { origin } = new URL(server.url);
  assert.equal((await ask(server, "/v1/tables", { cookie, origin })).code, "token_missing");
  const wrong = { cookie, origin, "auditql-session-key": randomSecret() };
  assert.equal((await ask(server, "/v1/tables", wrong)).code, "token_missing");
  assert.equal(
    (await ask(server, "/v1/tables", { origin, "auditql-session-key": key })).code,
    "token_missing",
  );
});

test("a cookie is not taken without proof of the server's own origin", async (t) => {
  const server = await startTestServer(t);
  const { cookie, key } = await signIn(server, { token: server.token });
  const headers = { cookie, "auditql-session-key": key };
  assert.equal((await ask(server, "/v1/tables", headers)).code, "origin_refused");
  const other = { ...headers, origin: `http://127.0.0.1:${server.port + 1}` };
  assert.equal((await ask(server, "/v1/tables", other)).code, "origin_refused");
  assert.equal((await ask(server, "/v1/tables", { ...headers, origin: server.url })).status, 200);
});

test("signing out ends the session", async (t) => {
  const server = await startTestServer(t);
  const session = await signIn(server, { token: server.token });
  const headers = sessionHeaders(server, session);
  assert.equal((await ask(server, "/v1/session", headers)).status, 200);
  const out = await fetch(`${server.url}/v1/session`, { method: "DELETE", headers });
  assert.equal(out.status, 204);
  assert.equal((await ask(server, "/v1/session", headers)).code, "token_missing");
});

test("the role read asks, but sees no configuration and makes no links", async (t) => {
  const { server, tokens } = await startWithTokens(t);
  const reader = bearer(tokens.reader);
  for (const path of ["/v1/tables", "/v1/schedule", "/v1/packs", "/v1/health", "/v1/queries"]) {
    assert.equal((await ask(server, path, reader)).status, 200, path);
  }
  assert.equal((await ask(server, "/v1/config", reader)).code, "role_refused");
  const link = await fetch(`${server.url}/v1/session/links`, { method: "POST", headers: reader });
  assert.equal(link.status, 403);
  assert.equal((await ask(server, "/v1/config", bearer(tokens.keeper))).status, 200);
});

test("the role read neither sees nor cancels the queries of others", async (t) => {
  const { server, tokens } = await startWithTokens(t);
  const endless =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";
  const query = server.context.runner.run({
    sql: endless,
    format: "ndjson",
    limits: server.context.limits.query,
    origin: "http:keeper",
    role: "admin",
  });
  const list = async (token: string) =>
    (await fetch(`${server.url}/v1/queries`, { headers: bearer(token) })).text();
  assert.doesNotMatch(await list(tokens.reader), /recursive/);
  assert.match(await list(tokens.keeper), /recursive/);
  const cancel = (token: string) =>
    fetch(`${server.url}/v1/queries/${query.id}`, { method: "DELETE", headers: bearer(token) });
  assert.equal((await cancel(tokens.reader)).status, 404);
  assert.equal((await cancel(tokens.keeper)).status, 202);
  for await (const _ of query.output);
  assert.equal((await query.outcome).error?.code, "query_cancelled");
});

test("a token taken out of the file opens nothing soon after, nor do its sessions", async (t) => {
  const { server, tokens, lines, write } = await startWithTokens(t);
  const session = await signIn(server, { token: tokens.reader });
  assert.equal((await ask(server, "/v1/tables", sessionHeaders(server, session))).status, 200);
  write([lines.keeper]);
  while ((await ask(server, "/v1/tables", bearer(tokens.reader))).status === 200) await sleep(50);
  assert.equal((await ask(server, "/v1/tables", bearer(tokens.keeper))).status, 200);
  const after = await ask(server, "/v1/tables", sessionHeaders(server, session));
  assert.equal(after.code, "token_missing");
});

test("a file of tokens that is broken or readable by others opens nothing", async (t) => {
  const { server, tokens, write, lines, path, errors } = await startWithTokens(t);
  write([lines.keeper, "nonsense"]);
  while (errors.length === 0) {
    await ask(server, "/v1/tables", bearer(tokens.keeper));
    await sleep(50);
  }
  assert.match(errors[0] ?? "", /line 4 does not have the format/);
  assert.equal((await ask(server, "/v1/tables", bearer(tokens.keeper))).code, "token_wrong");
  const broken = async (count: number) => {
    while (errors.length < count) {
      await ask(server, "/v1/tables", bearer(tokens.keeper));
      await sleep(50);
    }
    assert.equal((await ask(server, "/v1/tables", bearer(tokens.keeper))).code, "token_wrong");
  };
  write([lines.keeper]);
  chmodSync(path, 0o644);
  await broken(2);
  // A token itself is no line of the file.
  write([`keeper admin ${tokens.keeper}`]);
  chmodSync(path, 0o600);
  await broken(3);
  assert.match(errors[2] ?? "", /line 3 does not have the format/);
});

test("who guesses tokens is slowed down, and a valid token still opens", async (t) => {
  const server = await startTestServer(t, { limitOverrides: { failuresPerMinute: 3 } });
  const codes: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    codes.push((await ask(server, "/v1/tables", bearer(randomSecret()))).code);
  }
  assert.deepEqual(codes, [
    ...Array(3).fill("token_wrong"),
    "too_many_requests",
    "too_many_requests",
  ]);
  const link = await postSession(server, { code: randomSecret() });
  assert.match(await link.text(), /"code":"too_many_requests"/);
  assert.equal((await ask(server, "/v1/tables", bearer(server.token))).status, 200);
});

test("one caller cannot ask without end", async (t) => {
  const server = await startTestServer(t, { limitOverrides: { requestsPerMinute: 5 } });
  let last = { status: 0, code: "" };
  for (let n = 0; n < 6; n += 1) last = await ask(server, "/v1/tables", bearer(server.token));
  assert.equal(last.code, "too_many_requests");
});
