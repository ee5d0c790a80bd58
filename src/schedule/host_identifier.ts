import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { ScheduleConfig } from "../config/config.js";
import type { StateDatabase } from "./state_database.js";

const productUuidPath = "/sys/class/dmi/id/product_uuid";
const ephemeral = randomUUID();

/** Name of this host in result lines, as host_identifier chooses it. */
export function hostIdentifier(
  config: ScheduleConfig["hostIdentifier"],
  database: StateDatabase,
): string {
  switch (config.kind) {
    case "uuid":
      return productUuid() ?? database.setting("host_uuid", randomUUID);
    case "instance":
      return database.setting("instance_id", randomUUID);
    case "ephemeral":
      return ephemeral;
    case "specified":
      return config.specified;
    default:
      return hostname();
  }
}

function productUuid(): string | null {
  try {
    return readFileSync(productUuidPath, "latin1").trim() || null;
  } catch {
    // Machines without DMI, and users other than root: osquery makes one up and keeps it as well.
    return null;
  }
}
