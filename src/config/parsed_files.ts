import type { ConfigFile } from "./config_file.js";
import type { Diagnostic } from "./diagnostic.js";
import type { FlagValues } from "./flag_values.js";
import type { HostDefaults } from "./host_defaults.js";
import type { ConfiguredStatement } from "./statement.js";
import type { ValuePlaces } from "./value_places.js";

/** What a Config is made of. */
export interface ParsedFiles {
  /** Main file first; at least one. */
  readonly files: readonly ConfigFile[];
  readonly flags: FlagValues;
  readonly host: HostDefaults;
  readonly hash: string;
  /** Has the files; packs are noted as they are read. */
  readonly places: ValuePlaces;
  report(problem: Diagnostic): void;
  /** Told of files and folders that the configuration is read from besides `files`. */
  noteSource(path: string): void;
  /** Told of each SQL statement of the files. */
  noteStatement(statement: ConfiguredStatement): void;
}
