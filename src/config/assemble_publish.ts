import { didYouMean } from "../util/closest_name.js";
import type { FileCategory, PublishConfig } from "./config.js";
import type { Sections } from "./file_schema.js";
import type { HonouredFlag } from "./flag_use.js";
import type { FlagValues } from "./flag_values.js";

type Report = (problem: {
  readonly severity: "skip" | "warning";
  readonly message: string;
  /** Of the value, from the root of a file or pack; an item of a list by its text. */
  readonly keys: readonly string[];
}) => void;

/** Settings of the event sources: files, syslog and devices. `sections` has those of packs too. */
export function assemblePublish(
  flags: FlagValues,
  sections: Sections,
  report: Report,
): PublishConfig {
  const isGiven = (name: HonouredFlag) => flags.origin(name) !== "default";
  const areEventsOff = isGiven("disable_events") && flags.boolean("disable_events");
  const { disable_subscribers: off = [], enable_subscribers: on = [] } = sections.events ?? {};
  const isOn = (table: string, byDefault: boolean) =>
    !areEventsOff && !off.includes(table) && (byDefault || on.includes(table));
  const fileEvents = isOn("file_events", flags.boolean("enable_file_events"));
  const processFileEvents = isOn("process_file_events", flags.boolean("audit_allow_fim_events"));
  const categories = categoriesOf(sections);
  const signatures = signaturesOf(sections, report);
  if (fileEvents || processFileEvents) {
    reportPaths(sections, categories, report);
  } else if (categories.length > 0) {
    const key = sections.file_paths === undefined ? "file_paths_query" : "file_paths";
    const message = `${key} is set, but no file is watched without --enable_file_events or --audit_allow_fim_events.`;
    report({ severity: "warning", message, keys: [key] });
  }
  return {
    categories,
    excludes: Object.values(sections.exclude_paths ?? {}).flat(),
    fileEvents: fileEvents ? { signatures, maxHashBytes: flags.number("read_max") } : null,
    processFileEvents,
    syslog: isOn("syslog_events", flags.boolean("enable_syslog"))
      ? {
          pipePath: flags.string("syslog_pipe_path"),
          // rsyslog does not wait for a full pipe: only who asks for a limit gets one.
          maxLinesPerTurn: isGiven("syslog_rate_limit") ? flags.number("syslog_rate_limit") : 0,
        }
      : null,
    devices: isOn("hardware_events", true)
      ? { disabledTypes: flags.string("hardware_disabled_types") }
      : null,
  };
}

/** Categories of file_paths and of file_paths_query, which may have the same names. */
function categoriesOf(sections: Sections): readonly FileCategory[] {
  const { file_paths: paths = {}, file_paths_query: queries = {} } = sections;
  const names = [...new Set([...Object.keys(paths), ...Object.keys(queries)])];
  return names.map((name) => ({
    name,
    paths: paths[name] ?? [],
    queries: queries[name] ?? [],
    withAccesses: sections.file_accesses?.includes(name) ?? false,
  }));
}

function reportPaths(
  sections: Sections,
  categories: readonly FileCategory[],
  report: Report,
): void {
  for (const { name, paths } of categories) {
    for (const path of paths.filter((each) => !each.startsWith("/"))) {
      const message = `file_paths: "${path}" is not an absolute path, ignored.`;
      report({ severity: "skip", message, keys: ["file_paths", name, path] });
    }
  }
  for (const name of sections.file_accesses ?? []) {
    if (categories.every((category) => category.name !== name)) {
      const message = `file_accesses: unknown category of file_paths: "${name}".`;
      report({ severity: "skip", message, keys: ["file_accesses", name] });
    }
  }
}

function signaturesOf(sections: Sections, report: Report) {
  const { signatures = {}, file_paths: groups = {} } = sections.yara ?? {};
  const { file_paths: paths = {}, file_paths_query: queries = {} } = sections;
  for (const category of Object.keys(groups)) {
    if (Object.hasOwn(paths, category) || Object.hasOwn(queries, category)) continue;
    const near = didYouMean(category, [...Object.keys(paths), ...Object.keys(queries)]);
    const message = `yara.file_paths: unknown category of file_paths: "${category}".${near}`;
    report({ severity: "skip", message, keys: ["yara", "file_paths", category] });
  }
  return Object.entries(groups).map(([category, names]) => ({
    category,
    files: names.flatMap((name) => {
      const files = signatures[name];
      if (files !== undefined) return files;
      const message = `yara: unknown group of signatures: "${name}".`;
      report({ severity: "skip", message, keys: ["yara", "file_paths", category, name] });
      return [];
    }),
  }));
}
