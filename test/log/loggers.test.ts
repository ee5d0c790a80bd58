import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createServer as createTlsServer, Server as TlsServer } from "node:tls";
import { gunzipSync } from "node:zlib";
import { allLoggers } from "../../src/log/all.js";
import type { ResultLogger } from "../../src/log/logger.js";
import { openLogger } from "../../src/log/open_logger.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { makeCertificates, noCertificates } from "../serve/test_certificates.js";
import { receiveHttp } from "./http_receiver.js";
import {
  logConfig,
  logger,
  loggerContext,
  numbered,
  readLines,
  results,
  until,
} from "./log_fixture.js";

/** A place that a logger writes to, and how it is read back. */
interface Receiver {
  readonly options: Readonly<Record<string, unknown>>;
  /** JSON objects of the result lines that arrived, in order. */
  lines(): string[];
  /** While it is away lines must be refused. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

type OpenReceiver = (context: TestContext, folder: string) => Promise<Receiver>;

async function fileReceiver(_context: TestContext, folder: string): Promise<Receiver> {
  const { chmodSync, mkdirSync, renameSync, rmSync } = await import("node:fs");
  const path = join(folder, "log/osqueryd.results.log");
  const kept = join(folder, "kept");
  chmodSync(folder, 0o700);
  return {
    options: {},
    lines: () => readLines(path),
    async leave() {
      renameSync(path, kept);
      mkdirSync(path);
    },
    async comeBack() {
      rmSync(path, { recursive: true });
      renameSync(kept, path);
    },
  };
}

/** A server that keeps what its connections send, and can go away and come back. */
async function streamReceiver(
  context: TestContext,
  server: NetServer,
  place: "a port" | { readonly path: string },
) {
  let received = "";
  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      received += chunk.toString("utf8");
    });
  };
  server.on(server instanceof TlsServer ? "secureConnection" : "connection", take);
  const open = async (at: object) => {
    server.listen({ host: "127.0.0.1", ...at });
    await once(server, "listening");
  };
  const at = place === "a port" ? await openOnPort(open) : place;
  if (place !== "a port") await open(place);
  const leave = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  context.after(leave);
  return {
    at,
    lines: () => parseFrames(received).map((message) => message.slice(message.indexOf("{"))),
    leave,
    comeBack: () => open(at),
  };
}

/** On a port that the kernel gives nobody by itself (ip(7), ip_local_port_range): it is still free
 * when the server comes back. */
async function openOnPort(open: (at: object) => Promise<void>): Promise<{ readonly port: number }> {
  for (;;) {
    const at = { port: randomInt(10_000, 32_768) };
    try {
      await open(at);
      return at;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
  }
}

async function syslogReceiver(context: TestContext): Promise<Receiver> {
  const { at, ...receiver } = await streamReceiver(context, createTcpServer(), "a port");
  return { options: { ...at, timeout_ms: 60_000 }, ...receiver };
}

async function syslogUnixReceiver(context: TestContext, folder: string): Promise<Receiver> {
  const path = join(folder, "syslog.socket");
  const { at: _at, ...receiver } = await streamReceiver(context, createTcpServer(), { path });
  return { options: { socket_path: path, timeout_ms: 60_000 }, ...receiver };
}

async function syslogTlsReceiver(context: TestContext): Promise<Receiver> {
  const { certificatePath, keyPath } = makeCertificates(context)("syslog.test");
  const server = createTlsServer({
    cert: readFileSync(certificatePath),
    key: readFileSync(keyPath),
  });
  const { at, ...receiver } = await streamReceiver(context, server, "a port");
  return {
    options: { ...at, tls: true, ca_file: certificatePath, timeout_ms: 60_000 },
    ...receiver,
  };
}

/** Octet counting of RFC 6587: `length message`. */
function parseFrames(text: string): string[] {
  const frames: string[] = [];
  for (let rest = text; rest.length > 0; ) {
    const space = rest.indexOf(" ");
    const end = space + 1 + Number(rest.slice(0, space));
    frames.push(rest.slice(space + 1, end));
    rest = rest.slice(end);
  }
  return frames;
}

async function httpReceiver(context: TestContext): Promise<Receiver> {
  const received: string[] = [];
  let status = 200;
  const { url } = await receiveHttp(context, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = gunzipSync(Buffer.concat(chunks)).toString("utf8");
    if (status === 200) received.push(...body.split("\n").slice(0, -1));
    response.writeHead(status).end();
  });
  return {
    options: { url, max_lines: 3 },
    lines: () => received,
    async leave() {
      status = 503;
    },
    async comeBack() {
      status = 200;
    },
  };
}

function listen(
  server: { listen(port: number, host: string, done: () => void): unknown },
  port: number,
) {
  return new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
}

/** Where loggers of all.ts write to; stdout is the test runner's own and is tested apart. */
const receivers: readonly {
  readonly name: string;
  readonly over: string;
  readonly open: OpenReceiver;
  readonly skip?: string | false;
}[] = [
  { name: "filesystem", over: "files", open: fileReceiver },
  { name: "syslog", over: "TCP", open: syslogReceiver },
  { name: "syslog", over: "a unix socket", open: syslogUnixReceiver },
  { name: "syslog", over: "TLS", open: syslogTlsReceiver, skip: noCertificates },
  { name: "http", over: "HTTP", open: httpReceiver },
];

async function openWith(
  context: TestContext,
  { name, open }: { readonly name: string; readonly open: OpenReceiver },
) {
  const folder = temporaryFolder(context);
  const receiver = await open(context, folder);
  const { logger: opened } = await openLogger(logger(name, { options: receiver.options }), {
    ...loggerContext(logConfig(folder)),
    hostname: "host1",
  });
  context.after(() => opened.close());
  return { receiver, opened };
}

async function eventually(receiver: Receiver, lines: readonly string[]): Promise<void> {
  await until(() => receiver.lines().length >= lines.length);
  assert.deepEqual(receiver.lines(), lines);
}

for (const { name, over, open, skip = false } of receivers) {
  test(`${name} over ${over}: lines arrive whole and in order`, { skip }, async (context) => {
    const { receiver, opened } = await openWith(context, { name, open });
    await opened.write(results(...numbered(0, 5)));
    await opened.write(results('{"text":"é\\n\\u0001"}'));
    await eventually(receiver, [...numbered(0, 5), '{"text":"é\\n\\u0001"}']);
  });

  test(`${name} over ${over}: write() rejects while its receiver is away and works when it is back`, {
    skip,
  }, async (context) => {
    const { receiver, opened } = await openWith(context, { name, open });
    await opened.write(results(...numbered(0, 2)));
    await eventually(receiver, numbered(0, 2));
    await receiver.leave();
    await rejectsSoon(opened);
    await receiver.comeBack();
    await opened.write(results(...numbered(2, 4)));
    await eventually(receiver, numbered(0, 4));
  });

  test(`${name} over ${over}: goes on after reopen()`, { skip }, async (context) => {
    const { receiver, opened } = await openWith(context, { name, open });
    await opened.write(results(...numbered(0, 1)));
    await opened.reopen();
    await opened.write(results(...numbered(1, 2)));
    await eventually(receiver, numbered(0, 2));
  });
}

/** The end of a connection is seen a little later; what is written before goes nowhere. */
async function rejectsSoon(opened: ResultLogger): Promise<void> {
  await assert.rejects(async () => {
    for (;;) {
      await opened.write(results('{"lost":true}'));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
}

test("http: close() ends a write whose receiver does not answer", async (context) => {
  const { url, requested } = await receiveHttp(context, () => {});
  const { logger: opened } = await openLogger(logger("http", { options: { url } }), {
    ...loggerContext(logConfig(temporaryFolder(context))),
    hostname: "host1",
  });
  const write = assert.rejects(opened.write(results("{}")), { name: "AbortError" });
  await requested;
  await opened.close();
  await write;
});

test("every logger has a receiver in this suite", () => {
  const names = allLoggers.map((definition) => definition.name).filter((name) => name !== "stdout");
  assert.deepEqual(new Set(names), new Set(receivers.map(({ name }) => name)));
});

test("syslog messages are RFC 5424", async (context) => {
  let received = "";
  const server = createTcpServer((socket) =>
    socket.on("data", (chunk) => {
      received += chunk.toString("utf8");
    }),
  );
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const { logger: opened } = await openLogger(
    logger("syslog", { options: { port, facility: 19, prepend_cee: true } }),
    { ...loggerContext(logConfig(temporaryFolder(context))), hostname: "host 1" },
  );
  context.after(async () => {
    await opened.close();
    server.close();
  });
  await opened.write(results("{}"));
  const status = '{"severity":2,"filename":"log","line":0,"message":"no disk"}';
  await opened.write({ ...results(status), kind: "status" });
  await until(() => received.includes("no disk"));
  const [result = "", error = ""] = parseFrames(received);
  const head = (priority: number, id: string) =>
    `^<${priority}>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z host\\?1 osqueryd ${process.pid} ${id} - `;
  assert.match(result, new RegExp(`${head(19 * 8 + 6, "results")}@cee:{}$`));
  assert.match(
    error,
    new RegExp(`${head(19 * 8 + 3, "status")}severity=2 location=log:0 message=no disk$`),
  );
});
