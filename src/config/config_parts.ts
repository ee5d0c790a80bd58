import type { ConfigFile } from "./config_file.js";
import type { FlagValues } from "./flag_values.js";
import type { Host } from "./host.js";
import type { Problem } from "./problem.js";
import type { ConfiguredStatement } from "./statement.js";
import type { ValuePlaces } from "./value_places.js";

/** What a Config is made of. */
export interface ConfigParts {
  /** Main file first; at least one. */
  readonly files: readonly ConfigFile[];
  readonly flags: FlagValues;
  readonly host: Host;
  readonly hash: string;
  /** Has the files; packs are noted as they are read. */
  readonly places: ValuePlaces;
  report(problem: Problem): void;
  /** Told of files and folders that the configuration is read from besides `files`. */
  noteSource(path: string): void;
  /** Told of each SQL statement of the files. */
  noteStatement(statement: ConfiguredStatement): void;
}
