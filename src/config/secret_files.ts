import type { Config } from "./config.js";
import { secretName } from "./secret_names.js";

/** Besides what is a secret by its name: keys of TLS. */
const keyName = /(?:^|_)key(?:_|$)|Key/;

/** Files and directories with secrets of the daemon: its state with the tokens, keys, its
 * configuration, and the files of secrets that this names. */
export function secretFilesOf(config: Config): readonly string[] {
  const { statePath, http, files, flags, log, enrichment, settings } = config;
  const named = [flags, log.loggers, enrichment, settings].flatMap((part) => pathsIn(part, ""));
  return [
    ...new Set([
      statePath,
      http.tokenPath,
      http.tokensPath,
      ...(http.tls === undefined ? [] : [http.tls.keyPath]),
      ...files,
      ...(flags["flagfile"] === undefined ? [] : [flags["flagfile"]]),
      ...named,
    ]),
  ];
}

/** Absolute paths under names of secrets. */
function pathsIn(value: unknown, name: string): readonly string[] {
  if (typeof value === "string") {
    const isSecret = secretName.test(name) || keyName.test(name);
    return isSecret && value.startsWith("/") ? [value] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => pathsIn(each, name));
  return Object.entries(value).flatMap(([key, each]) => pathsIn(each, key));
}
