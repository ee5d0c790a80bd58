import { integersEqualTo, pathsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";

const folders = ["/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"];
const defaultMaxDepth = 1;

type Row = TableRows["npm_packages"];

/** A string, or one of the forms that package.json allows instead: an object or a list of them. */
function textOf(value: unknown, key: string): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return textOf(value[0], key);
  if (typeof value !== "object" || value === null) return null;
  const inner: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof inner === "string" ? inner : null;
}

function manifestRow(text: string): Row | null {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    // A manifest that is broken describes no package.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof manifest !== "object" || manifest === null) return null;
  const fields = new Map<string, unknown>(Object.entries(manifest));
  return {
    name: textOf(fields.get("name"), ""),
    version: textOf(fields.get("version"), ""),
    description: textOf(fields.get("description"), ""),
    author: textOf(fields.get("author"), "name"),
    license: textOf(fields.get("license"), "type"),
    homepage: textOf(fields.get("homepage"), ""),
  };
}

/** Packages in a node_modules folder, those of scopes too. */
function* packageFolders(host: Host, modules: string): Iterable<string> {
  for (const name of host.list(modules).toSorted()) {
    if (name.startsWith(".")) continue;
    if (!name.startsWith("@")) yield `${modules}/${name}`;
    else for (const inner of host.list(`${modules}/${name}`)) yield `${modules}/${name}/${inner}`;
  }
}

interface Depth {
  readonly at: number;
  readonly max: number;
}

function* packagesBelow(host: Host, folder: string, depth: Depth): Iterable<Row> {
  for (const place of packageFolders(host, `${folder}/node_modules`)) {
    const path = `${place}/package.json`;
    const row = manifestRow(host.readText(path) ?? "");
    if (row !== null) yield { ...row, path, depth: depth.at };
    if (depth.at < depth.max) yield* packagesBelow(host, place, { ...depth, at: depth.at + 1 });
  }
}

export const npmPackages = defineTable("npm_packages", {
  *generate(request, host) {
    const max = integersEqualTo(request, "max_depth")?.[0] ?? defaultMaxDepth;
    for (const scope of mountScopes(request, host)) {
      const named = pathsEqualTo(request, "directory");
      const owner = named === null ? scope.host : scope.host.asEveryone();
      for (const directory of named ?? folders) {
        for (const row of packagesBelow(owner, directory, { at: 1, max })) {
          yield { ...row, directory, max_depth: max, ...scope.namespaceColumns };
        }
      }
    }
  },
});
