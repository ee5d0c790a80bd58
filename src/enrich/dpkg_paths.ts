import type { Host } from "../tables/host.js";
import { DPKG_FOLDER, dpkgPackages } from "../tables/sources/dpkg_database.js";
import type { OwnerPackage } from "./path_owners.js";

/** A package and the paths that it owns. */
export interface OwnedPaths {
  readonly owner: OwnerPackage;
  readonly paths: Iterable<string>;
}

/** What a list file's paths really are on this host. */
type Rename = (path: string, packageName: string) => string;

/** dpkg-divert(1): three lines each, what is diverted, where to, and who keeps the name. */
function readDiversions(host: Host): Rename {
  const lines = (host.readText(`${DPKG_FOLDER}/diversions`) ?? "").split("\n");
  const diverted = new Map<string, { readonly to: string; readonly keeper: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diverted.set(lines[at] ?? "", { to: lines[at + 1] ?? "", keeper: lines[at + 2] ?? "" });
  }
  return (path, packageName) => {
    const found = diverted.get(path);
    return found === undefined || found.keeper === packageName ? path : found.to;
  };
}

/** Directories of / that are links into /usr: a file listed as /bin/ls runs as /usr/bin/ls. */
function readAliases(host: Host): (path: string) => string {
  const aliases = new Map<string, string>();
  for (const { name } of host.entries("/")) {
    const target = host.readLink(`/${name}`);
    if (target !== null && /^\/?usr\/[^/]+\/?$/.test(target)) {
      aliases.set(`/${name}/`, `/${target.replace(/^\/|\/$/g, "")}/`);
    }
  }
  return (path) => {
    const end = path.indexOf("/", 1) + 1;
    const alias = end > 1 ? aliases.get(path.slice(0, end)) : undefined;
    return alias === undefined ? path : alias + path.slice(end);
  };
}

/** List files are named after the package, or `name:arch` where several may be installed. */
function listFileOf(lists: ReadonlySet<string>, name: string, arch: string): string | null {
  const file = [`${name}.list`, `${name}:${arch}.list`].find((each) => lists.has(each));
  return file === undefined ? null : `${DPKG_FOLDER}/info/${file}`;
}

/** Paths of every installed package, under the names that their files have on this host. */
export function* dpkgOwnedPaths(host: Host): Iterable<OwnedPaths> {
  const lists = new Set(host.list(`${DPKG_FOLDER}/info`).filter((name) => name.endsWith(".list")));
  if (lists.size === 0) return;
  const divert = readDiversions(host);
  const unalias = readAliases(host);
  for (const fields of dpkgPackages(host, DPKG_FOLDER)) {
    const name = fields.get("package") ?? "";
    const file = listFileOf(lists, name, fields.get("architecture") ?? "");
    if (file === null) continue;
    const paths = (host.readText(file) ?? "").split("\n").filter((path) => path !== "");
    yield {
      owner: { name, version: fields.get("version") ?? "", type: "deb" },
      paths: paths.map((path) => unalias(divert(path, name))),
    };
  }
}
