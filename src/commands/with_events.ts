import { createDaemonSource } from "../client/daemon_source.js";
import type { QuerySource } from "../client/query_source.js";
import { type daemonOptions, findDaemon } from "./daemon_options.js";
import type { Invocation } from "./define_command.js";
import { readLog } from "./log_bytes.js";
import { withScratchSource } from "./scratch_source.js";

/** Opens the event tables of the daemon, or of the logs that the operands name, for `act`. */
export async function withEvents<T>(
  { options, operands, io }: Invocation<typeof daemonOptions>,
  act: (source: QuerySource) => Promise<T>,
): Promise<T> {
  if (operands.length === 0) {
    const source = createDaemonSource(findDaemon(options, io.env));
    return act(source).finally(() => source.close());
  }
  return withScratchSource("replay", async ({ engine, source }) => {
    for (const path of operands) await readLog(path, io.stdin, (bytes) => engine.feedLog(bytes));
    engine.finishLog();
    return act(source);
  });
}
