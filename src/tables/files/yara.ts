import type { TableRequest } from "../../native/connection.js";
import type { TableSources, YaraRules } from "../../native/table_sources.js";
import { integersEqualTo, pathsEqualTo, textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";
import { requestedPaths } from "../sources/requested_files.js";

/** Rules that a query asks for, with the columns that say so. */
interface RequestedRules {
  readonly columns: {
    readonly sigfile?: string;
    readonly sigrule?: string;
    readonly matches: string;
    readonly tags: string;
    readonly strings: null;
    readonly count: number;
  };
  readonly source: string;
}

const unmatched = { matches: "", tags: "", strings: null, count: 0 };

interface Compiled {
  readonly source: string;
  readonly rules: YaraRules | null;
}

// A join asks for the same rules once per file; to compile them takes longer than to scan.
let lastCompiled: Compiled | null = null;

function compile(sources: TableSources, source: string): YaraRules | null {
  if (lastCompiled?.source !== source) {
    lastCompiled = { source, rules: sources.compileYaraRules(source) };
  }
  return lastCompiled.rules;
}

/** Whoever asks with rules of their own, one after the other, learns every byte of a target: the
 * role `read` may not. */
function* requestedRules(request: TableRequest, host: Host): Iterable<RequestedRules> {
  const sigrules = textsEqualTo(request, "sigrule") ?? [];
  const sigfiles = pathsEqualTo(request, "sigfile") ?? [];
  if (sigrules.length + sigfiles.length > 0) host.requireTrusted("A YARA rule");
  for (const sigrule of sigrules) {
    yield { source: sigrule, columns: { ...unmatched, sigrule } };
  }
  for (const sigfile of sigfiles) {
    const source = host.readText(sigfile);
    if (source !== null) yield { source, columns: { ...unmatched, sigfile } };
  }
}

/** Columns of what matched a target; null when it could not be scanned. */
function scanColumns(
  sources: TableSources,
  { source, columns }: RequestedRules,
  target: Uint8Array | number,
): RequestedRules["columns"] | null {
  const matches = compile(sources, source)?.scan(target) ?? null;
  if (matches === null) return null;
  return {
    ...columns,
    matches: matches.map(({ rule }) => rule).join(","),
    tags: matches.flatMap(({ tags }) => tags).join(","),
    count: matches.length,
  };
}

export const yaraFile = defineTable("yara_file", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    for (const scope of mountScopes(request, host)) {
      for (const rules of requestedRules(request, host)) {
        for (const path of requestedPaths(request, scope.host, "path") ?? []) {
          const bytes = scope.host.readFile(path);
          const columns = bytes === null ? null : scanColumns(sources, rules, bytes);
          if (columns !== null) yield { path: shownPath(path), ...columns, ...scope.columns };
        }
      }
    }
  },
});

export const yaraProcess = defineTable("yara_process", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    // To attach to itself would stop the scan for ever.
    const pids = integersEqualTo(request, "pid")?.filter((pid) => pid > 0 && pid !== process.pid);
    for (const rules of requestedRules(request, host)) {
      for (const pid of pids ?? []) {
        const columns = host.admitsProcess(pid) ? scanColumns(sources, rules, pid) : null;
        if (columns !== null) yield { pid, ...columns };
      }
    }
  },
});
