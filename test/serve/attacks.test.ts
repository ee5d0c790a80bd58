import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { sendRaw } from "./raw_request.js";
import { routesOf, startTestServer } from "./running_server.js";

async function codeOf(answer: Response): Promise<string> {
  return JSON.parse(await answer.text()).code;
}

test("a request without a token is refused before its body is read", async (t) => {
  const server = await startTestServer(t);
  const socket = connect(server.port, "127.0.0.1");
  // Not a byte of the body is sent: whoever waited for it would not answer.
  socket.write(
    "POST /v1/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n",
  );
  const [answer] = await once(socket, "data");
  socket.destroy();
  assert.match(String(answer), /^HTTP\/1\.1 401 /);
  assert.match(String(answer), /\r\nwww-authenticate: Bearer/i);
  assert.match(String(answer), /"code":"token_missing"/);
  assert.equal(server.count("http", "dropped", "token_missing"), 1);
});

test("a wrong token is refused on every route but the probes and the sign-in", async (t) => {
  const server = await startTestServer(t, { limitOverrides: { failuresPerMinute: 1000 } });
  const authorization = `Bearer ${"A".repeat(43)}`;
  const open: string[] = [];
  let refused = 0;
  for (const { method, path } of [...(await routesOf(server)), { method: "GET", path: "/nope" }]) {
    const answer = await fetch(server.url + path, { method, headers: { authorization } });
    const code = /"code":"(\w+)"/.exec(await answer.text())?.[1];
    if (code === "token_wrong") refused += 1;
    else open.push(`${method} ${path}`);
  }
  assert.deepEqual(open.sort(), ["GET /healthz", "GET /readyz", "POST /v1/session"]);
  assert.ok(refused > 15, `${refused} routes`);
  assert.equal(server.count("http", "dropped", "token_wrong"), refused);
});

test("a token of another form is missing, not wrong", async (t) => {
  const server = await startTestServer(t);
  for (const authorization of [
    "Basic YTpi",
    "Bearer",
    "Bearer a b",
    `Bearer ${"x".repeat(2000)}`,
  ]) {
    assert.equal(await codeOf(await server.get("/v1/tables", { authorization })), "token_missing");
  }
});

test("a Host header of a rebound name is refused, even with the token", async (t) => {
  const server = await startTestServer(t);
  for (const host of [
    "evil.example",
    `evil.example:${server.port}`,
    "127.0.0.1.evil.example",
    "",
  ]) {
    const text = await sendRaw(
      server,
      `GET /v1/tables HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 421 /, host);
    assert.match(text, /"code":"host_refused"/);
  }
});

test("a loopback name or a configured one is accepted as Host", async (t) => {
  const server = await startTestServer(t);
  for (const host of ["localhost", `LocalHost:${server.port}`, "[::1]:1", "auditql.example"]) {
    const text = await sendRaw(
      server,
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 200 /, host);
  }
});

test("a request from a page of another site is refused, even with the token", async (t) => {
  const server = await startTestServer(t);
  const cases: Readonly<Record<string, string>>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const header of cases) {
    const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = await sendRaw(
      server,
      `GET /v1/tables HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${lines.join("")}Authorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(text, /"code":"origin_refused"/);
    assert.doesNotMatch(text, /access-control-allow/i);
  }
});

test("a form post is refused for its content type", async (t) => {
  const server = await startTestServer(t);
  for (const type of [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; application/json",
  ]) {
    const answer = await server.post('{"sql":"select 1"}', { "content-type": type });
    assert.equal(answer.status, 415, type);
    assert.equal(await codeOf(answer), "content_type_refused");
  }
});

test("an oversize body is refused with body_too_large", async (t) => {
  const server = await startTestServer(t);
  const answer = await server.post({ sql: `select '${"x".repeat(300 * 1024)}'` });
  assert.equal(answer.status, 413);
  assert.equal(await codeOf(answer), "body_too_large");
});

test("a chunked body without a length is cut off at the same size", async (t) => {
  const server = await startTestServer(t, { limitOverrides: { bodyBytes: 1000 } });
  const text = await sendRaw(
    server,
    `POST /v1/query HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n${"x".repeat(2048)}\r\n`,
  );
  assert.match(text, /"code":"body_too_large"/);
});

test("oversize headers are refused with headers_too_large", async (t) => {
  const server = await startTestServer(t);
  const text = await sendRaw(
    server,
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Bomb: ${"x".repeat(20_000)}\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 431 /);
  assert.match(text, /"code":"headers_too_large"/);
});

test("bytes that are not HTTP are answered with request_malformed", async (t) => {
  const server = await startTestServer(t);
  const text = await sendRaw(server, "\x16\x03\x01 hello\r\n\r\n");
  assert.match(text, /"code":"request_malformed"/);
});

test("both a length and chunks are refused: a request cannot be smuggled", async (t) => {
  const server = await startTestServer(t);
  const text = await sendRaw(
    server,
    `POST /v1/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 400 /);
  assert.equal(text.match(/^HTTP\/1\.1/gm)?.length, 1, "what was smuggled is not answered");
});

test("unknown fields, wrong types and broken JSON are refused with request_invalid", async (t) => {
  const server = await startTestServer(t);
  const bodies = [
    "{",
    "",
    "[]",
    { sql: 1 },
    {},
    { sql: "" },
    { sql: "select 1", extra: 1 },
    { sql: "select 1", limits: { maxRows: 0 } },
    { sql: "select 1", limits: { maxRows: "5" } },
    { sql: "select 1", format: "xml" },
    { sql: "select 1", parameters: [{}] },
    '{"sql":"select 1","__proto__":{"x":1}}',
  ];
  for (const body of bodies) {
    const answer = await server.post(body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(await codeOf(answer), "request_invalid", JSON.stringify(body));
  }
});

test("every answer carries the security headers", async (t) => {
  const server = await startTestServer(t);
  for (const path of ["/healthz", "/v1/tables", "/nope"]) {
    const { headers } = await server.get(path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
});

test("the page's policy lets no inline script or style run, and no text become markup", async (t) => {
  const server = await startTestServer(t);
  const { headers, status } = await server.get("/");
  assert.equal(status, 200);
  const policy = (headers.get("content-security-policy") ?? "").split("; ");
  for (const directive of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "frame-ancestors 'none'",
  ]) {
    assert.ok(policy.includes(directive), directive);
  }
  assert.doesNotMatch(policy.join(), /unsafe/);
});

test("a path that climbs out of the page's files is a missing route", async (t) => {
  const server = await startTestServer(t);
  for (const path of [
    "/../../etc/passwd",
    "/page/../token",
    "/page/%2e%2e/token",
    "/page/..%2f..%2fpackage.json",
    "/page/",
  ]) {
    const text = await sendRaw(
      server,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(text, /"code":"route_missing"/, path);
  }
});

test("SQL neither reads files nor attaches databases nor loads code", async (t) => {
  const server = await startTestServer(t);
  // The reason tells a statement that is refused from one that only failed.
  const statements = {
    "attach '/etc/passwd' as x": /ATTACH is not allowed/,
    "select readfile('/etc/passwd')": /no such function/,
    "select writefile('/tmp/x', 'y')": /no such function/,
    "select load_extension('/tmp/x.so')": /not authorized to use function/,
    "select fts3_tokenizer('x', x'00')": /not authorized to use function/,
    "vacuum into '/tmp/auditql-attack'": /read-only/,
    "create table x (a)": /read-only/,
    "create temp table x (a)": /read-only/,
    "drop table process_events": /read-only/,
    "delete from process_events": /may not be modified/,
    "pragma writable_schema = 1": /PRAGMA writable_schema is not allowed/,
    begin: /transactions are not allowed/,
    "select 1; delete from process_events": /may not be modified/,
    "explain select 1; select 2": /EXPLAIN requires a single statement/,
  };
  for (const [sql, reason] of Object.entries(statements)) {
    const answer = await server.post({ sql });
    assert.equal(answer.status, 400, sql);
    const { code, detail } = JSON.parse(await answer.text());
    assert.equal(code, "sql_error", sql);
    assert.match(detail, reason, sql);
  }
});

/** Requests that the framework, or Node, would answer by itself; `T` stands for the token's header. */
const strangeRequests: Readonly<Record<string, readonly [code: string, lines: readonly string[]]>> =
  {
    "a percent sign without digits": [
      "request_malformed",
      ["GET /% HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "bytes that are not UTF-8": [
      "request_malformed",
      ["GET /v1/queries/%ff HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "an encoded parameter that is broken": [
      "request_malformed",
      ["DELETE /v1/queries/%zz HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "a parameter of 300 digits": [
      "request_invalid",
      [`DELETE /v1/queries/${"7".repeat(300)} HTTP/1.1`, "Host: 127.0.0.1", "T"],
    ],
    "a target that is no path": [
      "request_malformed",
      ["OPTIONS * HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "no Host header": ["request_malformed", ["GET /v1/tables HTTP/1.1", "T"]],
    "two Host headers, the first a good one": [
      "request_malformed",
      ["GET /v1/tables HTTP/1.1", "Host: 127.0.0.1", "Host: other.example", "T"],
    ],
    "two equal Host headers": [
      "request_malformed",
      ["GET /v1/tables HTTP/1.1", "Host: 127.0.0.1", "hOST: 127.0.0.1", "T"],
    ],
    "an absolute target of another host": [
      "host_refused",
      ["GET http://other.example/v1/tables HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "an absolute target with a user": [
      "host_refused",
      ["GET http://127.0.0.1@other.example/v1/tables HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "a body in gzip": [
      "content_type_refused",
      [
        "POST /v1/query HTTP/1.1",
        "Host: 127.0.0.1",
        "T",
        "Content-Type: application/json",
        "Content-Encoding: gzip",
        "Content-Length: 2",
      ],
    ],
    "a method that no route has": [
      "route_missing",
      ["PROPFIND /v1/tables HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "a method that does not exist": [
      "request_malformed",
      ["NONSENSE /v1/tables HTTP/1.1", "Host: 127.0.0.1", "T"],
    ],
    "no content type": [
      "content_type_refused",
      ["POST /v1/query HTTP/1.1", "Host: 127.0.0.1", "T", "Content-Length: 2"],
    ],
    "a content type that is none": [
      "content_type_refused",
      ["POST /v1/query HTTP/1.1", "Host: 127.0.0.1", "T", "Content-Type: ;;", "Content-Length: 2"],
    ],
    "an empty body": [
      "request_invalid",
      [
        "POST /v1/query HTTP/1.1",
        "Host: 127.0.0.1",
        "T",
        "Content-Type: application/json",
        "Content-Length: 0",
      ],
    ],
    "a body of another shape": [
      "request_invalid",
      [
        "POST /v1/query HTTP/1.1",
        "Host: 127.0.0.1",
        "T",
        "Content-Type: application/json",
        "Content-Length: 2",
      ],
    ],
    "an expectation of a route that is missing": [
      "route_missing",
      ["GET /nope-4711 HTTP/1.1", "Host: 127.0.0.1", "T", "Expect: miracles"],
    ],
  };

for (const [what, [code, lines]] of Object.entries(strangeRequests)) {
  test(`${what} is answered with ${code}, the security headers, and counted`, async (t) => {
    const server = await startTestServer(t);
    const token = `Authorization: Bearer ${server.token}`;
    const head = lines.map((line) => (line === "T" ? token : line));
    const rest = lines.includes("Content-Length: 2") ? "{}" : "";
    const text = await sendRaw(server, `${head.join("\r\n")}\r\nConnection: close\r\n\r\n${rest}`);
    const [, headers = "", body = ""] = /^(.*?)\r\n\r\n(.*)$/s.exec(text) ?? [];
    assert.match(headers, /\r\ncontent-type: application\/problem\+json/i);
    assert.match(headers, /\r\nx-content-type-options: nosniff/i);
    assert.match(headers, /\r\ncontent-security-policy: default-src 'none'/i);
    assert.match(headers, /\r\ncache-control: no-store/i);
    assert.match(body, new RegExp(`"code":"${code}"`));
    assert.doesNotMatch(body, /FST_|7777777777|other\.example\/|%ff|%zz/);
    assert.equal(server.count("http", "dropped", code), 1);
  });
}

test("what cannot be routed needs a token first, as all else does", async (t) => {
  const server = await startTestServer(t);
  for (const line of ["GET /% HTTP/1.1", `DELETE /v1/queries/${"7".repeat(300)} HTTP/1.1`]) {
    const text = await sendRaw(server, `${line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.1 401 /);
    assert.match(text, /"code":"token_missing"/);
  }
});

test("a Host header behind thousands of others is seen", async (t) => {
  const server = await startTestServer(t);
  const many = "a:\r\n".repeat(2500);
  const text = await sendRaw(
    server,
    `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${many}Host: other.example\r\nConnection: close\r\n\r\n`,
  );
  assert.match(text, /"code":"request_malformed"/);
});

test("an absolute target of this server is answered", async (t) => {
  const server = await startTestServer(t);
  const text = await sendRaw(
    server,
    `GET http://localhost:${server.port}/v1/session HTTP/1.1\r\nHost: other.example\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 200 /);
});
