import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ScheduleConfig } from "../config/config.js";
import type { HostIdentity } from "./host_identity.js";

const ephemeral = randomUUID();

/** Name of this host in result lines, as host_identifier chooses it. */
export function hostIdentifier(
  config: ScheduleConfig["hostIdentifier"],
  identity: HostIdentity,
): string {
  switch (config.kind) {
    case "uuid":
      return identity.uuid;
    case "instance":
      return identity.instanceId;
    case "ephemeral":
      return ephemeral;
    case "specified":
      // osquery's fallback where specified_identifier is missing.
      return config.specified === "" ? hostname() : config.specified;
    default:
      return hostname();
  }
}
