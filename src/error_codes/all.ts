import { commandErrors } from "./command_errors.js";
import { configErrors } from "./config_errors.js";
import { logErrors } from "./log_errors.js";
import { nativeErrors } from "./native_errors.js";
import { otherErrors } from "./other_errors.js";
import { scheduleErrors } from "./schedule_errors.js";
import { serveErrors } from "./serve_errors.js";
import { sqlErrors } from "./sql_errors.js";

/** Every error code, by the part that raises it. */
export const errorCodes = {
  ...nativeErrors,
  ...sqlErrors,
  ...serveErrors,
  ...commandErrors,
  ...configErrors,
  ...scheduleErrors,
  ...logErrors,
  ...otherErrors,
};
