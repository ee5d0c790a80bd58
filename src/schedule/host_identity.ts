import { randomUUID } from "node:crypto";
import { hardwareUuid } from "./hardware_uuid.js";
import type { StateDatabase } from "./state_database.js";

/** What tells this host, and this state directory, from all others. */
export interface HostIdentity {
  /** Of the hardware, else one that is made up once and kept. */
  readonly uuid: string;
  /** Made up once for the state directory. */
  readonly instanceId: string;
}

/** Reads the identity, or chooses it at the first start. */
export function hostIdentity(
  database: StateDatabase,
  readHardware: () => string | null = hardwareUuid,
): HostIdentity {
  const uuid = readHardware();
  // Kept, so that it stays where the firmware cannot be read any more.
  if (uuid !== null) database.keepSetting("host_uuid", uuid);
  return {
    uuid: uuid ?? database.setting("host_uuid", randomUUID),
    instanceId: database.setting("instance_id", randomUUID),
  };
}
