import { AuditqlError } from "../../errors.js";
import type { ShellSession } from "../shell_session.js";

/** A command of the shell itself, typed with a dot before it. */
export interface MetaCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  /** For the help: `[TABLE]`. */
  readonly operands: string;
  readonly description: string;
  /** What `.help COMMAND` says beside the description. */
  readonly details?: string;
  readonly examples?: readonly string[];
  /** What the Tab key offers after the name; nothing without. `tail`: a table, then conditions. */
  readonly completes?: "commands" | "formats" | "switch" | "tables" | "sql" | "tail";
  /** `rest` is what follows the name, as it was typed. */
  readonly run: (
    session: ShellSession,
    args: readonly string[],
    rest: string,
  ) => Promise<void> | void;
}

export function defineMetaCommand(command: MetaCommand): MetaCommand {
  return command;
}

interface Switch {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly description: string;
  readonly setting: "isBailOn" | "isEchoOn" | "isHeaderShown" | "isPagerOn" | "isTimerOn";
}

/** As sqlite3 and osqueryi take them. */
const switchWords: ReadonlyMap<string, boolean> = new Map([
  ...["on", "yes", "true", "1"].map((word) => [word, true] as const),
  ...["off", "no", "false", "0"].map((word) => [word, false] as const),
]);

/** A meta command that switches a setting on or off, or, alone, shows which it is. */
export function defineSwitch({ setting, ...command }: Switch): MetaCommand {
  return {
    aliases: [],
    ...command,
    operands: "[on|off]",
    completes: "switch",
    async run(session, [word, ...more]) {
      const { settings } = session;
      if (word === undefined) {
        return session.print(`.${command.name} is ${settings[setting] ? "on" : "off"}\n`);
      }
      const isOn = switchWords.get(word.toLowerCase());
      if (isOn === undefined || more.length > 0) throw wrongUse(`.${command.name} [on|off]`);
      settings[setting] = isOn;
    },
  };
}

/** Says how a meta command is to be used. */
export function wrongUse(usage: string): AuditqlError {
  return new AuditqlError("usage", `Usage: ${usage}`);
}
