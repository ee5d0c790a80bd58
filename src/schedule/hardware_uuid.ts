import { readFileSync } from "node:fs";

/** What vendors leave in place of a number of the machine; osquery takes none of them for one. */
const placeholders = new Set([
  "00000000-0000-0000-0000-000000000000",
  "03000200-0400-0500-0006-000700080009",
  "03020100-0504-0706-0809-0a0b0c0d0e0f",
  "10000000-0000-8000-0040-000000000000",
]);

/** The UUID in the machine's firmware; null where there is none, or it may not be read. */
export function hardwareUuid(path = "/sys/class/dmi/id/product_uuid"): string | null {
  try {
    const uuid = readFileSync(path, "latin1").replace(/\0.*$/s, "").trim();
    return uuid === "" || placeholders.has(uuid.toLowerCase()) ? null : uuid;
  } catch {
    // Machines without DMI, and users other than root.
    return null;
  }
}
