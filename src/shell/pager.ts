import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { createTextSink, OutputClosed, type TextSink } from "../client/text_sink.js";

/** Shows text page by page. Writing throws OutputClosed once its user has left it. */
export interface Pager extends TextSink {
  /** Waits until its user leaves it. Answers with what went wrong, if something did. */
  end(): Promise<string | null>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's pager as a shell command; null: there is none, or none is wanted. */
export function pagerCommand(env: Environment): string | null {
  const own = env["PAGER"];
  if (own !== undefined) return own.trim() === "" || own.trim() === "cat" ? null : own;
  // Long lines are cut at the margin, in reach of the arrow keys; colours pass; short text just
  // stays on the screen.
  return isProgram("less", env) ? "less -SRFX" : null;
}

/** Starts a pager, which then has the terminal; `giveBack` is called when it is done. */
export function startPager(command: string, env: Environment, giveBack: () => void): Pager {
  // By a shell, as man(1) and git(1) do: PAGER may hold arguments.
  const child = spawn("/bin/sh", ["-c", command], {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...env },
  });
  const ended = exitOf(child).finally(giveBack);
  const input = createTextSink(child.stdin);
  return {
    async write(text) {
      // A pipe that was closed before takes text without a word.
      if (child.stdin.destroyed) throw new OutputClosed("The pager was closed.");
      await input.write(text);
    },
    async end() {
      child.stdin.end();
      const status = await ended;
      return status === 0 || status === null
        ? null
        : `The pager exited with status ${status}: ${command}`;
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [status]: (number | null)[] = await once(child, "exit");
  return status ?? null;
}

function isProgram(name: string, env: Environment): boolean {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // Not here: the next folder may have it.
    }
  });
}
