import { pathsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { expandPathPattern } from "../sources/path_patterns.js";
import { requestedAccounts } from "../sources/requested_accounts.js";

const systemFolders = [
  "/usr/local/lib/python%/dist-packages",
  "/usr/local/lib/python%/site-packages",
  "/usr/local/lib64/python%/site-packages",
  "/usr/lib/python%/dist-packages",
  "/usr/lib/python%/site-packages",
  "/opt/conda/lib/python%/site-packages",
  "/opt/miniconda3/lib/python%/site-packages",
  "/opt/anaconda3/lib/python%/site-packages",
];
const ofAccounts = [
  ".local/lib/python%/site-packages",
  ".pyenv/versions/%/lib/python%/site-packages",
  ".asdf/installs/python/%/lib/python%/site-packages",
  ".local/share/uv/tools/%/lib/python%/site-packages",
  ".local/share/mise/installs/python/%/lib/python%/site-packages",
  ".local/share/pipx/venvs/%/lib/python%/site-packages",
  ".cache/pypoetry/virtualenvs/%/lib/python%/site-packages",
  ".virtualenvs/%/lib/python%/site-packages",
  ".local/share/virtualenvs/%/lib/python%/site-packages",
  ...["miniforge3", "miniconda3", "anaconda3", "mambaforge"].flatMap((name) => [
    `${name}/lib/python%/site-packages`,
    `${name}/envs/%/lib/python%/site-packages`,
  ]),
];
const systemOwner = 0;

type Row = TableRows["python_packages"];

/** Core metadata of a package: header fields up to an empty line. */
function packageRow(text: string): Row {
  const [header = ""] = text.split(/\r?\n\r?\n/);
  const field = (name: string) => header.match(new RegExp(`^${name}: *(.*)$`, "m"))?.[1] ?? null;
  return {
    name: field("Name"),
    version: field("Version"),
    summary: field("Summary"),
    author: field("Author"),
    license: field("License"),
  };
}

function* packagesIn(host: Host, directory: string): Iterable<Row> {
  for (const name of host.list(directory).toSorted()) {
    const path = `${directory}/${name}`;
    const file = name.endsWith(".dist-info")
      ? "METADATA"
      : name.endsWith(".egg-info")
        ? "PKG-INFO"
        : null;
    const text = file === null ? null : host.readText(`${path}/${file}`);
    if (text !== null) yield { ...packageRow(text), path, directory };
  }
}

const folders = (host: Host, pattern: string): string[] =>
  [...expandPathPattern(host, pattern)].map((path) => path.replace(/\/$/, ""));

export const pythonPackages = defineTable("python_packages", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      const named = pathsEqualTo(request, "directory");
      const system = named ?? systemFolders.flatMap((pattern) => folders(scope.host, pattern));
      const systemHost = named === null ? scope.host : scope.host.asEveryone();
      const owned = system.map((directory) => ({ uid: systemOwner, directory, from: systemHost }));
      if (named === null) {
        for (const { uid, home } of requestedAccounts(request, scope.host)) {
          for (const directory of ofAccounts.flatMap((at) =>
            folders(scope.host, `${home}/${at}`),
          )) {
            owned.push({ uid, directory, from: scope.host.asAccount(uid) });
          }
        }
      }
      for (const { uid, directory, from } of owned) {
        for (const row of packagesIn(from, directory)) yield { ...row, uid, ...scope.columns };
      }
    }
  },
});
