import { augeas } from "./augeas.js";
import { browserAndEditorTables } from "./browsers_editors/all.js";
import { carves } from "./carves.js";
import { cloudTables } from "./cloud/all.js";
import { containerTables } from "./containers/all.js";
import { curl } from "./curl.js";
import { curlCertificate } from "./curl_certificate.js";
import { daemonTables } from "./daemon/all.js";
import { defineViews, type StateTable } from "./define_table.js";
import { deviceFile } from "./device_file.js";
import { deviceHash } from "./device_hash.js";
import { fileTables } from "./files/all.js";
import { hardwareTables } from "./hardware/all.js";
import { msr } from "./msr.js";
import { networkTables } from "./network/all.js";
import { packageTables } from "./packages/all.js";
import { processTables } from "./processes/all.js";
import { prometheusMetrics } from "./prometheus_metrics.js";
import { removedTables } from "./removed_tables.js";
import { systemTables } from "./system/all.js";
import { userTables } from "./users/all.js";

/** Every view over event tables. */
export const views = defineViews();

/** Every state table. */
export const stateTables: readonly StateTable[] = [
  ...containerTables,
  ...processTables,
  ...fileTables,
  ...browserAndEditorTables,
  ...cloudTables,
  ...userTables,
  ...daemonTables,
  ...networkTables,
  ...packageTables,
  ...systemTables,
  ...hardwareTables,
  augeas,
  carves,
  curl,
  curlCertificate,
  deviceFile,
  deviceHash,
  msr,
  prometheusMetrics,
  ...removedTables,
];
