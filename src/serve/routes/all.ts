import { captureRoutes } from "./capture.js";
import { configRoutes } from "./config.js";
import type { RouteGroup } from "./define_routes.js";
import { eventsTailRoutes } from "./events_tail.js";
import { functionsRoutes } from "./functions.js";
import { healthRoutes } from "./health.js";
import { metricsRoutes } from "./metrics.js";
import { openapiRoutes } from "./openapi.js";
import { packsRoutes } from "./packs.js";
import { pageRoutes } from "./page.js";
import { processTreeRoutes } from "./process_tree.js";
import { queriesRoutes } from "./queries.js";
import { queryRoutes } from "./query.js";
import { scheduleRoutes } from "./schedule.js";
import { sessionRoutes } from "./session.js";
import { tablesRoutes } from "./tables.js";
import { topRoutes } from "./top.js";

/** Every route group of the server. */
export const allRoutes: readonly RouteGroup[] = [
  healthRoutes,
  captureRoutes,
  metricsRoutes,
  sessionRoutes,
  queryRoutes,
  queriesRoutes,
  eventsTailRoutes,
  processTreeRoutes,
  topRoutes,
  tablesRoutes,
  functionsRoutes,
  scheduleRoutes,
  packsRoutes,
  configRoutes,
  openapiRoutes,
  pageRoutes,
];
