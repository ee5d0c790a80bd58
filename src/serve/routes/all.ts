import type { RouteGroup } from "./define_routes.js";
import { healthRoutes } from "./health.js";
import { metricsRoutes } from "./metrics.js";
import { openapiRoutes } from "./openapi.js";
import { queriesRoutes } from "./queries.js";
import { queryRoutes } from "./query.js";
import { scheduleRoutes } from "./schedule.js";
import { tablesRoutes } from "./tables.js";

/** Every route group of the server. */
export const allRoutes: readonly RouteGroup[] = [
  healthRoutes,
  metricsRoutes,
  queryRoutes,
  queriesRoutes,
  tablesRoutes,
  scheduleRoutes,
  openapiRoutes,
];
