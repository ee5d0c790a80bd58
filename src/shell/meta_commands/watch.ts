import { setTimeout as sleep } from "node:timers/promises";
import { isTransientError } from "../../client/transient_error.js";
import { AuditqlError } from "../../errors.js";
import type { ShellSession } from "../shell_session.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const watchCommand = defineMetaCommand({
  name: "watch",
  aliases: [],
  operands: "SECONDS [SQL]",
  completes: "sql",
  description: "Repeat a statement until Ctrl-C; without SQL, the last one.",
  details: "If the daemon disconnects, .watch reconnects and continues.",
  examples: [".watch 2 select count(*) from process_events where time > unixepoch() - 2"],
  async run(session, [word = ""], rest) {
    const own = rest.slice(word.length).trim().replace(/;\s*$/, "");
    const sql = own === "" ? session.lastSql : own;
    const seconds = Number(word);
    if (!(seconds >= 0.1 && seconds <= 86_400) || sql === null) {
      throw wrongUse(".watch SECONDS SQL");
    }
    do {
      await session.print(`-- ${new Date().toISOString()}\n`);
    } while ((await hasRun(session, sql)) && (await hasSlept(session, seconds * 1000)));
  },
});

/** False when Ctrl-C ended the statement. */
async function hasRun(session: ShellSession, sql: string): Promise<boolean> {
  try {
    await session.runSql(sql);
    return true;
  } catch (error) {
    if (!(error instanceof AuditqlError)) throw error;
    if (error.code === "query_cancelled") return false;
    if (!isTransientError(error)) throw error;
    await session.output.warn(`Error: ${error.code}: ${error.message}`);
    return true;
  }
}

/** False when Ctrl-C ended the pause. */
function hasSlept(session: ShellSession, ms: number): Promise<boolean> {
  return session.withSignal((signal) =>
    sleep(ms, true, { signal }).catch((error: unknown) => {
      if (signal.aborted) return false;
      throw error;
    }),
  );
}
