import type { StateTable } from "../define_table.js";
import { auditqlCapture } from "./auditql_capture.js";
import { auditqlColumns, auditqlTables } from "./auditql_tables.js";
import {
  osqueryEvents,
  osqueryExtensions,
  osqueryFlags,
  osqueryInfo,
  osqueryPacks,
  osqueryRegistry,
  osquerySchedule,
} from "./osquery_tables.js";

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
