import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { openLogger } from "../../src/log/open_logger.js";
import { shortenedKey, shortenLine, shortenText } from "../../src/log/shorten_line.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { receiveHttp } from "./http_receiver.js";
import { Counts, logConfig, logger, loggerContext, results, until } from "./log_fixture.js";

/** A result line with a text as long as makes the whole `bytes` long. */
function lineOf(bytes: number): string {
  const line = (text: string) => JSON.stringify({ name: "q", columns: { v: text, n: "1" } });
  return line("x".repeat(bytes - Buffer.byteLength(line(""))));
}

async function openWith(context: TestContext, name: string, options: object) {
  const counts = new Counts();
  const { logger: opened } = await openLogger(
    logger(name, { options: { ...options } }),
    loggerContext(logConfig(temporaryFolder(context)), counts),
  );
  context.after(() => opened.close());
  return { opened, counts };
}

test("a line within the limit stays as it is, byte for byte", () => {
  for (const line of ['{"a":1.0,"b":12345678901234567890}', "no JSON", lineOf(100)])
    assert.equal(shortenLine(line, Buffer.byteLength(line)), line);
});

test("a longer line is cut in its texts alone, is JSON as long as may be, and says so", () => {
  const line = `{"name":"q","number":12345678901234567890,"columns":{"short":"s","long":"${"é".repeat(5000)}"}}`;
  for (const most of [9000, 2048, 300]) {
    const cut = shortenLine(line, most) ?? "";
    assert.ok(Buffer.byteLength(cut) <= most && Buffer.byteLength(cut) > most - 4, `${most}`);
    const { name, columns, ...rest } = JSON.parse(cut);
    assert.equal(name, "q");
    assert.equal(columns.short, "s");
    assert.match(columns.long, /^é+…$/);
    assert.equal(rest[shortenedKey], Buffer.byteLength(line));
    assert.match(cut, /"number":12345678901234567890/);
  }
});

test("pairs of UTF-16 stay whole; texts in rows of snapshots are cut too", () => {
  const line = JSON.stringify({ snapshot: [{ v: "😀".repeat(3000) }, { v: "a" }] });
  for (const most of [1000, 1001, 1002, 1003]) {
    const cut = JSON.parse(shortenLine(line, most) ?? "");
    assert.match(cut.snapshot[0].v, /^(😀)+…$/u);
    assert.equal(cut.snapshot[1].v, "a");
  }
});

test("what cutting texts does not help is left out", () => {
  const many = JSON.stringify({ snapshot: Array.from({ length: 2000 }, () => ({ a: "1" })) });
  assert.equal(shortenLine(many, 4096), null);
  assert.equal(shortenLine("x".repeat(100), 50), null);
  assert.equal(shortenText("ééé", 6), "ééé");
  assert.equal(shortenText("éééé", 6), "é…");
});

/** Takes messages of RFC 6587 up to a limit, and breaks longer ones as rsyslog does. */
async function limitedReceiver(context: TestContext, maxBytes: number) {
  const messages: string[] = [];
  const server = createServer((socket) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (let head = /^(\d+) /.exec(text); head !== null; head = /^(\d+) /.exec(text)) {
        const end = head[0].length + Number(head[1]);
        if (text.length < end) return;
        const message = Buffer.from(text.slice(head[0].length, end), "latin1").toString();
        for (let at = 0; at < message.length; at += maxBytes)
          messages.push(message.slice(at, at + maxBytes));
        text = text.slice(end);
      }
    });
  });
  const path = join(temporaryFolder(context), "socket");
  server.listen(path);
  await once(server, "listening");
  context.after(() => server.close());
  return { path, messages };
}

test("rows around the limit of a syslog receiver arrive as JSON, or are counted", async (context) => {
  const limit = 8096;
  const { path, messages } = await limitedReceiver(context, limit);
  const { opened, counts } = await openWith(context, "syslog", { socket_path: path });
  await opened.write(results("{}"));
  await until(() => messages.length === 1);
  const header = Buffer.byteLength(messages[0] ?? "") - 2;
  const sizes = [limit - header - 1, limit - header, limit - header + 1, 2 ** 20];
  await opened.write(results(...sizes.map(lineOf)));
  await until(() => messages.length === 1 + sizes.length);
  const lines = messages.slice(1).map((text) => JSON.parse(text.slice(text.indexOf("{"))));
  assert.deepEqual(
    lines.map((line) => line[shortenedKey]),
    [undefined, undefined, sizes[2], sizes[3]],
  );
  assert.equal(counts.get("shortened"), 2);
  const many = JSON.stringify({ snapshot: Array.from({ length: 9000 }, () => ({ a: "1" })) });
  await opened.write(results(many, "{}"));
  await until(() => messages.length === 2 + sizes.length);
  assert.equal(counts.get("dropped.too_long"), 1);
});

test("a receiver of HTTP gets bodies within its limit, and a line beyond it holds up no other", async (context) => {
  const taken: string[] = [];
  const limit = 5000;
  const { url } = await receiveHttp(context, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = gunzipSync(Buffer.concat(chunks)).toString();
    const isTaken = body.length <= limit;
    if (isTaken) taken.push(...body.split("\n").slice(0, -1));
    response.writeHead(isTaken ? 200 : 413).end();
  });
  const { opened, counts } = await openWith(context, "http", { url });
  const lines = [lineOf(2000), lineOf(2001), lineOf(2002), lineOf(6000), lineOf(2003)];
  await opened.write(results(...lines));
  assert.deepEqual(
    taken,
    lines.filter((line) => line.length < limit),
  );
  assert.equal(counts.get("dropped.too_long"), 1);
});

test("a request of HTTP has at most max_bytes", async (context) => {
  const sizes: number[] = [];
  const { url } = await receiveHttp(context, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    sizes.push(Buffer.concat(chunks).length);
    response.end();
  });
  const { opened } = await openWith(context, "http", { url, gzip: false, max_bytes: 5000 });
  await opened.write(results(...[2000, 2000, 2000, 7000, 100].map(lineOf)));
  assert.deepEqual(sizes, [4002, 2001, 7001, 101]);
});
