import { camelKeys } from "../util/camel_keys.js";
import { assembleWatchdog } from "./assemble_watchdog.js";
import { readDecorators, withPacks } from "./check_sections.js";
import { type ShapeSource, within } from "./check_shape.js";
import type { Config, Pack, ScheduleConfig } from "./config.js";
import type { Sections } from "./file_schema.js";
import type { FlagValues } from "./flag_values.js";
import type { JsonObject } from "./json_document.js";
import type { ParsedFiles } from "./parsed_files.js";
import { checkPacks, readSchedule } from "./read_pack.js";
import type { Settings } from "./settings_schema.js";

/** osquery repeats this reset: a splay of 0 or 1 means its default. */
const defaultSplayPercent = 10;
const megabyte = 1024 * 1024;

/** Packs, queries and how they run. */
export function assembleSchedule(
  parts: ParsedFiles,
  {
    settings,
    sections,
    flavour,
  }: {
    readonly settings: Settings;
    readonly sections: Sections;
    readonly flavour: Config["flavour"];
  },
): ScheduleConfig {
  const { flags } = parts;
  const packs = readAllPacks(parts);
  const splay = flags.number("schedule_splay_percent");
  return {
    packs,
    decorators: flags.boolean("disable_decorators")
      ? { load: [], always: [], interval: [] }
      : readDecorators(withPacks(sections, packs), (message, keys) =>
          parts.report({ severity: "skip", message, position: parts.places.positionOf(keys) }),
        ),
    splayPercent: splay <= 1 ? defaultSplayPercent : splay > 100 ? 0 : splay,
    maxDriftSeconds: flags.number("schedule_max_drift"),
    timeoutSeconds: flags.number("schedule_timeout"),
    epoch: flags.number("schedule_epoch"),
    logNames: flags.boolean("schedule_lognames"),
    packRefreshSeconds: flags.number("pack_refresh_interval"),
    denylistEnabled: !flags.boolean("disable_watchdog"),
    denylistEventQueries: flags.boolean("events_enforce_denylist"),
    hostIdentifier: {
      kind: flags.string("host_identifier"),
      specified: flags.string("specified_identifier"),
    },
    format: {
      events: flags.boolean("logger_event_type"),
      snapshotEvents: flags.boolean("logger_snapshot_event_type"),
      numerics: flags.boolean("logger_numerics"),
      decorationsTopLevel: flags.boolean("decorations_top_level"),
    },
    limits: scheduledLimits(settings, flags),
    watchdog: assembleWatchdog(flags, flavour),
  };
}

function scheduledLimits(settings: Settings, flags: FlagValues): ScheduleConfig["limits"] {
  const limits = camelKeys(settings.limits.scheduled);
  const megabytes = flags.number("watchdog_memory_limit");
  return megabytes > 0 ? { ...limits, maxMemoryBytes: megabytes * megabyte } : limits;
}

function readAllPacks({ files, flags, noteSource, noteStatement, places }: ParsedFiles): Pack[] {
  // State is kept by query name.
  const names = new Set<string>();
  return files.flatMap(({ path, value, source }) => {
    const options = {
      delimiter: flags.string("pack_delimiter"),
      defaultInterval: flags.number("schedule_default_interval"),
      file: path,
      noteSource,
      noteStatement,
      noteSections: (sections: JsonObject, at: ShapeSource) => places.note(sections, at),
      takeName(name: string) {
        const isNew = !names.has(name);
        names.add(name);
        return isNew;
      },
    };
    const { schedule, packs } = value;
    return [
      ...(schedule === undefined
        ? []
        : [readSchedule(schedule, within(source, "schedule"), options)]),
      ...(packs === undefined ? [] : checkPacks(packs, within(source, "packs"), options)),
    ];
  });
}
