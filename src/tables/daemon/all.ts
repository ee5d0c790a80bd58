import type { StateTable } from "../define_table.js";
import { auditqlCapture } from "./auditql_capture.js";
import { auditqlColumns } from "./auditql_columns.js";
import { auditqlTables } from "./auditql_tables.js";
import { osqueryEvents } from "./osquery_events.js";
import { osqueryExtensions } from "./osquery_extensions.js";
import { osqueryFlags } from "./osquery_flags.js";
import { osqueryInfo } from "./osquery_info.js";
import { osqueryPacks } from "./osquery_packs.js";
import { osqueryRegistry } from "./osquery_registry.js";
import { osquerySchedule } from "./osquery_schedule.js";

/** Every table of the daemon itself. */
export const daemonTables: readonly StateTable[] = [
  auditqlCapture,
  auditqlColumns,
  auditqlTables,
  osqueryEvents,
  osqueryExtensions,
  osqueryFlags,
  osqueryInfo,
  osqueryPacks,
  osqueryRegistry,
  osquerySchedule,
];
