import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute } from "../sources/text_lines.js";

const root = "/sys/kernel/security/apparmor/policy/profiles";

function* profilesBelow(
  host: Host,
  folder: string,
  parent: string,
): Iterable<TableRows["apparmor_profiles"]> {
  for (const entry of host.list(folder)) {
    const at = `${folder}/${entry}`;
    const name = attribute(host, `${at}/name`);
    if (name === null) continue;
    const path = parent === "" ? name : `${parent}//${name}`;
    yield {
      path,
      name,
      attach: attribute(host, `${at}/attach`),
      mode: attribute(host, `${at}/mode`),
      // Kernels since 6.8 tell SHA-256, those before SHA-1.
      sha1: attribute(host, `${at}/sha1`),
      sha256: attribute(host, `${at}/sha256`),
    };
    yield* profilesBelow(host, `${at}/profiles`, name);
  }
}

export const apparmorProfiles = defineTable("apparmor_profiles", {
  generate: (_request, host) => profilesBelow(host, root, ""),
});
