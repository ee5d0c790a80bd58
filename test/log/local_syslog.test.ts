import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { LogOutput } from "../../src/log/log_output.js";
import { openLogger } from "../../src/log/open_logger.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { skip } from "../sql/pool_fixture.js";
import {
  Counts,
  logConfig,
  logger,
  loggerContext,
  numbered,
  results,
  until,
} from "./log_fixture.js";

/** A syslog socket of the stream kind, which syslog(3) allows for; messages end with NUL. */
class SyslogListener {
  readonly path: string;
  received = "";
  readonly #sockets = new Set<Socket>();
  #server = createServer();

  constructor(folder: string) {
    this.path = join(folder, "dev-log");
  }

  async start(): Promise<void> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("data", (chunk) => {
        this.received += chunk.toString("utf8");
      });
    });
    await new Promise<void>((resolve) => this.#server.listen(this.path, resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  messages(): string[] {
    return this.received.split("\0").slice(0, -1);
  }
}

test("syslog without a receiver is the host's syslog, framed as osquery does", {
  skip,
}, async (context) => {
  const folder = temporaryFolder(context);
  const listener = new SyslogListener(folder);
  await listener.start();
  const { logger: opened } = await openLogger(
    logger("syslog", { options: { local_path: listener.path, facility: 19 } }),
    { ...loggerContext(logConfig(folder)), hostname: "host1" },
  );
  context.after(async () => {
    await opened.close();
    await listener.stop();
  });
  await opened.write(results('{"a":1}', '{"a":2}'));
  const status = '{"severity":0,"filename":"log","line":0,"message":"started"}';
  await opened.write({ ...results(status), kind: "status" });
  await until(() => listener.messages().length === 3);
  const head = (priority: number) =>
    `^<${priority}>[A-Z][a-z]{2} [ 123]\\d \\d\\d:\\d\\d:\\d\\d osqueryd\\[${process.pid}\\]: `;
  const [first = "", second = "", third = ""] = listener.messages();
  assert.match(first, new RegExp(`${head(19 * 8 + 6)}{"a":1}$`));
  assert.match(second, new RegExp(`${head(19 * 8 + 6)}{"a":2}$`));
  const said = "severity=0 location=log:0 message=started";
  assert.match(third, new RegExp(`${head(19 * 8 + 5)}${said}$`));
});

test("a host's syslog that was away for a while gets every line, in order", {
  skip,
}, async (context) => {
  const folder = temporaryFolder(context);
  const listener = new SyslogListener(folder);
  const output = await LogOutput.open({
    config: logConfig(folder, {
      loggers: [logger("syslog", { options: { local_path: listener.path } })],
    }),
    counter: new Counts().counter,
    onError: () => {},
  });
  await output.accept(results(...numbered(0, 3)));
  await output.accept(results(...numbered(3, 5)));
  await listener.start();
  context.after(async () => {
    await output.close();
    await listener.stop();
  });
  await until(() => listener.messages().length >= 5);
  const lines = listener.messages().map((message) => message.slice(message.indexOf("{")));
  assert.deepEqual(lines, numbered(0, 5));
});
