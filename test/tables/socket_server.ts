import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program that listens on a unix socket, in a process of its own: tables block theirs. */
export class SocketServer {
  readonly path: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.path = join(folder, "socket");
    this.#child = child;
  }

  /** `script` is a CommonJS program that listens on `process.argv[1]` and then writes a line. */
  static async start(script: string): Promise<SocketServer> {
    const folder = mkdtempSync(join(tmpdir(), "auditql-socket-"));
    const child = spawn(process.execPath, ["-e", script, join(folder, "socket")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const server = new SocketServer(folder, child);
    if (child.stdout !== null) await once(child.stdout, "data");
    return server;
  }

  stop(): void {
    this.#child.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** Serves JSON by path and query over HTTP; other paths are not found. */
export function jsonServer(answers: Readonly<Record<string, unknown>>): Promise<SocketServer> {
  return SocketServer.start(`
    const answers = ${JSON.stringify(answers)};
    require("node:http").createServer((request, response) => {
      const answer = answers[decodeURIComponent(request.url)];
      response.statusCode = answer === undefined ? 404 : 200;
      const text = JSON.stringify(answer ?? { message: "not found" });
      // In pieces, so that they are sent chunked.
      for (let at = 0; at < text.length; at += 100) response.write(text.slice(at, at + 100));
      response.end();
    }).listen(process.argv[1], () => console.log("ready"));`);
}
