import { setTimeout as sleep } from "node:timers/promises";
import type { ShellSession } from "../shell_session.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const watchCommand = defineMetaCommand({
  name: "watch",
  aliases: [],
  operands: "SECONDS SQL",
  description: "Run a statement again and again until Ctrl-C.",
  async run(session, [word = ""], rest) {
    const sql = rest.slice(word.length).trim().replace(/;$/, "");
    const seconds = Number(word);
    if (!(seconds >= 0.1 && seconds <= 86_400) || sql === "") throw wrongUse(".watch SECONDS SQL");
    do {
      await session.print(`-- ${new Date().toISOString()}\n`);
      await session.runSql(sql);
    } while (await slept(session, seconds * 1000));
  },
});

/** False when Ctrl-C ended the pause. */
function slept(session: ShellSession, ms: number): Promise<boolean> {
  return session.withSignal((signal) =>
    sleep(ms, true, { signal }).catch((error: unknown) => {
      if (signal.aborted) return false;
      throw error;
    }),
  );
}
