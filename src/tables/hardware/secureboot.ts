import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { efiGlobal, readEfiVariable } from "../sources/efi_variables.js";

/** A variable of one byte; -1 for a value that the specification does not have. */
function flag(host: Host, name: string): number | null {
  const value = readEfiVariable(host, name, efiGlobal)?.[0];
  if (value === undefined) return null;
  return value <= 1 ? value : -1;
}

export const secureboot = defineTable("secureboot", {
  *generate(_request, host) {
    if (!host.stat("/sys/firmware/efi")?.isDirectory()) return;
    yield { secure_boot: flag(host, "SecureBoot"), setup_mode: flag(host, "SetupMode") };
  },
});
