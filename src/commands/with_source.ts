import { createDaemonSource } from "../client/daemon_source.js";
import type { QuerySource } from "../client/query_source.js";
import { standaloneDaemonRows } from "../daemon/fill_daemon_rows.js";
import { AuditqlError } from "../errors.js";
import { version } from "../version.js";
import { daemonOptions, findDaemon } from "./daemon_options.js";
import type { CommandIo, OptionValues } from "./define_command.js";
import { withScratchSource } from "./scratch_source.js";

/** Options of commands that work with a daemon, or without one. */
export const sourceOptions = {
  standalone: {
    type: "boolean",
    description:
      "Run without a daemon: query the state tables of this host with this user's permissions. Event tables are empty.",
  },
  ...daemonOptions,
} as const;

/** Opens where the options say that the SQL goes, for as long as `act` takes. */
export async function withSource<T>(
  options: OptionValues<typeof sourceOptions>,
  env: CommandIo["env"],
  act: (source: QuerySource) => Promise<T>,
): Promise<T> {
  if (!options.standalone) {
    const source = createDaemonSource(findDaemon(options, env));
    return act(source).finally(() => source.close());
  }
  if (options.socket !== undefined || options.url !== undefined) {
    throw new AuditqlError("usage", "--standalone is mutually exclusive with --socket and --url.");
  }
  const daemonRows = standaloneDaemonRows(version);
  return withScratchSource("this host (no daemon)", ({ source }) => act(source), { daemonRows });
}
