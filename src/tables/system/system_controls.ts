import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { trimmedLines } from "../sources/text_lines.js";

const controlsFolder = "/proc/sys";
const folders = [
  "/run/sysctl.d",
  "/etc/sysctl.d",
  "/usr/local/lib/sysctl.d",
  "/usr/lib/sysctl.d",
  "/lib/sysctl.d",
];

/** What the configuration files set, the later file over the earlier, in osquery's order. */
function configuredValues(host: Host): ReadonlyMap<string, string> {
  const inFolders = folders.flatMap((folder) =>
    host
      .list(folder)
      .filter((name) => /^[^.].*\.conf$/.test(name))
      .toSorted()
      .map((name) => `${folder}/${name}`),
  );
  const values = new Map<string, string>();
  for (const path of ["/etc/sysctl.conf", ...inFolders]) {
    for (const line of trimmedLines(host, path)) {
      const [, name, value] = line.match(/^([^#;=]+?)\s*=\s*(.*)$/) ?? [];
      // A leading hyphen means that an error is to be ignored (sysctl.conf(5)).
      if (name !== undefined) values.set(name.replace(/^-/, "").replaceAll("/", "."), value ?? "");
    }
  }
  return values;
}

/** Names of settings contain dots for slashes, and slashes for dots (sysctl(8)). */
const swapSeparators = (text: string): string =>
  text.replaceAll(/[./]/g, (separator) => (separator === "." ? "/" : "."));

function* settingsBelow(host: Host, path: string): Iterable<string> {
  const stat = host.lstat(path);
  if (stat?.isFile()) yield path;
  if (!stat?.isDirectory()) return;
  for (const name of host.list(path)) yield* settingsBelow(host, `${path}/${name}`);
}

function requestedPaths(names: readonly string[] | null, subsystems: readonly string[] | null) {
  const wanted = names?.map(swapSeparators) ?? subsystems ?? [""];
  const safe = wanted.filter((path) => !path.split("/").includes(".."));
  return safe.map((path) => (path === "" ? controlsFolder : `${controlsFolder}/${path}`));
}

/** The kernel goes by the reader's user id here, not by its capabilities (proc_sysctl.c,
 * sysctl_perm); some settings can only be written. */
function settingText(host: Host, path: string): string | null {
  const isForOwner = ((host.lstat(path)?.mode ?? 0n) & 0o004n) === 0n;
  const reads = isForOwner ? host.privilegedReads() : null;
  return reads === null ? host.readText(path) : reads.setting(path);
}

function settingRow(host: Host, path: string, config: ReadonlyMap<string, string>) {
  const name = swapSeparators(path.slice(controlsFolder.length + 1));
  const row: TableRows["system_controls"] = {
    name,
    subsystem: name.split(".")[0] ?? "",
    current_value: settingText(host, path)?.trim() ?? null,
    config_value: config.get(name) ?? null,
    type: "string",
  };
  return row;
}

export const systemControls = defineTable("system_controls", {
  *generate(request, host) {
    const config = configuredValues(host);
    const names = textsEqualTo(request, "name");
    for (const root of requestedPaths(names, textsEqualTo(request, "subsystem"))) {
      for (const path of settingsBelow(host, root)) yield settingRow(host, path, config);
    }
  },
});
