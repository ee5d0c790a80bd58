import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

/** Why no terminal can be driven here; false when one can. */
export const skip =
  spawnSync("tmux", ["-V"]).error === undefined ? false : "needs tmux (apt install tmux)";

export interface TerminalOptions {
  readonly width?: number;
  readonly height?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program in a terminal of its own, by a tmux server of its own. */
export interface TmuxTerminal {
  /** Types text as it is. */
  type(text: string): void;
  /** Presses keys by tmux's names: `Enter`, `Tab`, `C-c`. */
  press(...keys: readonly string[]): void;
  /** Pastes text, marked as such where the program asked for it. */
  paste(text: string): void;
  /** Gives the window another size. */
  resize(width: number, height: number): void;
  /** What the window shows. */
  screen(): string;
  /** What the window shows, with the escapes of its colours: `ESC[1mbold`. */
  colours(): string;
  /** Waits until the window shows it. */
  see(what: string | RegExp): Promise<string>;
}

/** Starts a program in a window; it is ended after the test. */
export function openTerminal(
  t: TestContext,
  command: readonly string[],
  { width = 100, height = 30, env = {} }: TerminalOptions = {},
): TmuxTerminal {
  const folder = mkdtempSync(join(tmpdir(), "auditql-tmux-"));
  const tmux = (...args: readonly string[]) => {
    const done = spawnSync("tmux", ["-S", join(folder, "tmux"), "-f", "/dev/null", ...args], {
      encoding: "utf8",
    });
    if (done.status !== 0) throw new Error(`tmux ${args.join(" ")}: ${done.stderr}`);
    return done.stdout;
  };
  const settings = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const size = ["-x", String(width), "-y", String(height)];
  tmux("new-session", "-d", ...size, ...settings, "--", ...command);
  // What a program that ended showed last stays to be read.
  tmux("set-option", "-g", "remain-on-exit", "on");
  t.after(() => {
    tmux("kill-server");
    rmSync(folder, { recursive: true });
  });
  const screen = () => tmux("capture-pane", "-p").trimEnd();
  return {
    // A semicolon at the end of an argument would end tmux's own command.
    type: (text) => void tmux("send-keys", "-l", "--", text.replace(/;$/, "\\;")),
    paste(text) {
      tmux("set-buffer", "--", text);
      // "-r": line breaks stay what they are.
      tmux("paste-buffer", "-p", "-r");
    },
    resize: (width, height) =>
      void tmux("resize-window", "-x", String(width), "-y", String(height)),
    press: (...keys) => void tmux("send-keys", ...keys),
    screen,
    colours: () => tmux("capture-pane", "-p", "-e").replaceAll("\u001b", "ESC"),
    async see(what) {
      const isThere = (text: string) =>
        typeof what === "string" ? text.includes(what) : what.test(text);
      for (let tries = 0; tries < 1200; tries += 1) {
        const text = screen();
        if (isThere(text)) return text;
        await sleep(50);
      }
      throw new Error(`${String(what)} did not appear:\n${screen()}`);
    },
  };
}
