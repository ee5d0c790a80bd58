import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { requestedAccounts } from "../sources/requested_accounts.js";

const files = [
  ".bash_history",
  ".zsh_history",
  ".zhistory",
  ".history",
  ".sh_history",
  ".ash_history",
];
const bashTime = /^#(\d+)$/;
const zshLine = /^: {0,10}(\d{1,11}):\d+;(.*)$/;

interface Command {
  readonly time: number;
  readonly command: string;
}

/** Commands of a history file; bash writes the time on a line of its own before each, zsh in front
 * of it. */
function* commandsOf(text: string): Iterable<Command> {
  let time: string | undefined;
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    const stamp = time === undefined ? line.match(bashTime)?.[1] : undefined;
    if (stamp !== undefined) {
      time = stamp;
      continue;
    }
    const [, zshTime, zshCommand] = (time === undefined && line.match(zshLine)) || [];
    yield { time: Number(time ?? zshTime ?? 0), command: zshCommand ?? line };
    time = undefined;
  }
}

function historyFiles(host: Host, home: string): string[] {
  const sessions = `${home}/.bash_sessions`;
  const names = host.list(sessions).filter((name) => /^[^.].*\.history$/.test(name));
  return [...files.map((name) => `${home}/${name}`), ...names.map((name) => `${sessions}/${name}`)];
}

export const shellHistory = defineTable("shell_history", {
  *generate(request, host) {
    for (const { uid, home } of requestedAccounts(request, host)) {
      for (const path of historyFiles(host, home)) {
        for (const command of commandsOf(host.asAccount(uid).readText(path) ?? "")) {
          yield { uid, ...command, history_file: path };
        }
      }
    }
  },
});
