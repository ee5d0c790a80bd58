import { browserAndEditorTables } from "./browsers_editors/all.js";
import { cloudTables } from "./cloud/all.js";
import { containerTables } from "./containers/all.js";
import { daemonTables } from "./daemon/all.js";
import { defineViews, type StateTable } from "./define_table.js";
import { emptyTables, removedTables } from "./empty_tables.js";
import { fileTables } from "./files/all.js";
import { hardwareTables } from "./hardware/all.js";
import { networkTables } from "./network/all.js";
import { packageTables } from "./packages/all.js";
import { processTables } from "./processes/all.js";
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
  ...emptyTables,
  ...removedTables,
];
