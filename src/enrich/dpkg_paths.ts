import type { Host } from "../tables/host.js";
import { shownText } from "../tables/os_string.js";
import { dpkgFolder, dpkgPackages } from "../tables/packages/dpkg_database.js";
import type { OwnerPackage, PathBytes } from "./package_path_index.js";

/** A package and the paths that it owns. */
export interface OwnedPaths {
  readonly owner: OwnerPackage;
  readonly paths: Iterable<string | PathBytes>;
}

interface Diversion {
  readonly to: string;
  readonly keeper: string;
}

/** dpkg-divert(1): three lines each, what is diverted, where to, and who keeps the name. */
function readDiversions(host: Host): ReadonlyMap<string, Diversion> {
  const lines = (host.readText(`${dpkgFolder}/diversions`) ?? "").split("\n");
  const diverted = new Map<string, Diversion>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diverted.set(lines[at] ?? "", { to: lines[at + 1] ?? "", keeper: lines[at + 2] ?? "" });
  }
  return diverted;
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
  return file === undefined ? null : `${dpkgFolder}/info/${file}`;
}

const newline = 0x0a;

/** Lines that are not empty. */
function* linesOf(bytes: Buffer): Iterable<PathBytes> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) yield { bytes, start, end };
    start = end + 1;
  }
}

/**
 * What a list file's paths really are on this host. Nearly all are as they stand there: only what
 * may be another is made a string, of which a host has some hundred thousand.
 */
function renamer(host: Host): (path: PathBytes, packageName: string) => string | PathBytes {
  const diverted = readDiversions(host);
  const divertedLengths = new Set([...diverted.keys()].map((path) => Buffer.byteLength(path)));
  const unalias = readAliases(host);
  const usr = Buffer.from("/usr/");
  return (path, packageName) => {
    const { bytes, start, end } = path;
    const isBelowUsr = bytes.compare(usr, 0, usr.length, start, start + usr.length) === 0;
    if (isBelowUsr && !divertedLengths.has(end - start)) return path;
    const text = shownText(bytes.subarray(start, end));
    const diversion = diverted.get(text);
    return unalias(
      diversion === undefined || diversion.keeper === packageName ? text : diversion.to,
    );
  };
}

function* renamedLines(
  list: Buffer | null,
  rename: (path: PathBytes) => string | PathBytes,
): Iterable<string | PathBytes> {
  if (list === null) return;
  for (const line of linesOf(list)) yield rename(line);
}

/** Paths of every installed package, under the names that their files have on this host. */
export function* dpkgOwnedPaths(host: Host): Iterable<OwnedPaths> {
  const lists = new Set(host.list(`${dpkgFolder}/info`).filter((name) => name.endsWith(".list")));
  if (lists.size === 0) return;
  const rename = renamer(host);
  for (const fields of dpkgPackages(host, dpkgFolder)) {
    const name = fields.get("package") ?? "";
    const file = listFileOf(lists, name, fields.get("architecture") ?? "");
    if (file === null) continue;
    yield {
      owner: { name, version: fields.get("version") ?? "", type: "deb" },
      paths: renamedLines(host.readFile(file), (path) => rename(path, name)),
    };
  }
}
