import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";

const rootKeys = ["checkreqprot", "deny_unknown", "enforce", "mls", "policyvers", "reject_unknown"];
const scopes = ["booleans", "policy_capabilities", "initial_contexts"];
// Value now and value after commit (libselinux).
const booleanValues: Readonly<Record<string, string>> = { "0 0": "off", "1 1": "on" };

type Row = TableRows["selinux_settings"];

function mountPoint(host: Host): string | null {
  const mounts = host.readText("/proc/self/mounts") ?? "";
  return mounts.match(/^\S+ (\S+) selinuxfs /m)?.[1] ?? null;
}

function* settingsIn(host: Host, root: string, scope: string): Iterable<Row> {
  for (const key of host.list(`${root}/${scope}`)) {
    const raw = host.readText(`${root}/${scope}/${key}`)?.trim();
    if (raw === undefined) continue;
    const value = scope === "booleans" ? booleanValues[raw] : raw;
    if (value !== undefined) yield { scope, key, value };
  }
}

function* classesIn(host: Host, root: string): Iterable<Row> {
  for (const name of host.list(`${root}/class`)) {
    const key = `${name}/perms`;
    for (const value of host.list(`${root}/class/${key}`)) yield { scope: "class", key, value };
  }
}

export const selinuxSettings = defineTable("selinux_settings", {
  *generate(_request, host) {
    const root = mountPoint(host);
    if (root === null) return;
    for (const key of rootKeys) {
      const value = host.readText(`${root}/${key}`)?.trim();
      if (value !== undefined) yield { scope: "", key, value };
    }
    for (const scope of scopes) yield* settingsIn(host, root, scope);
    yield* classesIn(host, root);
  },
});
