import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { followEvents } from "../../src/client/follow_events.js";

const start = (eid: number) => `event: start\nid: ${eid}\ndata: {}\n\n`;
const rows = (eid: number) =>
  `event: rows\nid: ${eid}\ndata: {"rows":[{"eid":${eid}}],"truncatedBy":null}\n\n`;
const refusal = 'event: error\nid: 9\ndata: {"code":"sql_error","detail":"no more"}\n\n';

/** A daemon that answers once, and goes away with the answer. Tells what it was asked. */
async function answerOnce(path: string, text: string): Promise<{ asked: Promise<string> }> {
  const server = createServer();
  const asked = new Promise<string>((resolve) => {
    server.on("request", (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(text, () => {
        server.close(() => resolve(request.url ?? ""));
        server.closeAllConnections();
      });
    });
  });
  server.listen(path);
  await once(server, "listening");
  return { asked };
}

function afterOf(url: string): string | null {
  return new URL(url, "http://daemon").searchParams.get("after");
}

test("a tail waits for a daemon that went away, and goes on after what was shown", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-follow-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "socket");
  const told: string[] = [];
  // The last message is torn: what it stands for was not shown.
  const first = await answerOnce(path, `${start(4)}${rows(7)}event: rows\nid: 8\n`);
  const tail = followEvents(
    { kind: "unix", path },
    {
      sql: "select eid from process_events",
      signal: new AbortController().signal,
      onRows: async (lines) => void told.push(...lines),
      onMissed: async () => {},
      onLost: async () => void told.push("lost"),
      onFound: async () => void told.push("found"),
    },
  );
  const ended = assert.rejects(tail, /no more/);
  assert.equal(afterOf(await first.asked), null);
  const second = await answerOnce(path, `${start(7)}${rows(9)}${refusal}`);
  assert.equal(afterOf(await second.asked), "7");
  await ended;
  assert.deepEqual(told, ['{"eid":7}', "lost", "found", '{"eid":9}']);
});

test("a daemon that never answered is not waited for", async () => {
  const nobody = async () => {};
  const tail = followEvents(
    { kind: "unix", path: "/nonexistent/socket" },
    {
      sql: "select 1",
      signal: new AbortController().signal,
      onRows: nobody,
      onMissed: nobody,
      onLost: nobody,
      onFound: nobody,
    },
  );
  await assert.rejects(tail, { code: "daemon_unreachable" });
});
