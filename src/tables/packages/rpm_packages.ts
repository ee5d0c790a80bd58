import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { mountScopes } from "../mount_scopes.js";
import { readRpmPackages } from "./rpm_database.js";
import { type RpmHeader, rpmTag } from "./rpm_header.js";

export const rpmPackages = defineTable("rpm_packages", {
  *generate(request, host) {
    const names = textsEqualTo(request, "name");
    for (const scope of mountScopes(request, host)) {
      for (const header of readRpmPackages(scope.host)) {
        const name = header.string(rpmTag.name);
        if (names !== null && !names.includes(name ?? "")) continue;
        yield {
          name,
          version: header.string(rpmTag.version),
          release: header.string(rpmTag.release),
          source: header.string(rpmTag.sourceRpm),
          size: header.number(rpmTag.size) ?? header.number(rpmTag.longSize),
          sha1: header.string(rpmTag.sha1),
          arch: header.string(rpmTag.arch),
          epoch: header.number(rpmTag.epoch),
          install_time: header.number(rpmTag.installTime),
          vendor: header.string(rpmTag.vendor),
          package_group: header.string(rpmTag.group),
          ...scope.namespaceColumns,
        };
      }
    }
  },
});

// PGPHASHALGO_SHA256 of RFC 4880, 9.4; packages without the tag have MD5.
const sha256Algorithm = 8;

/** Letters of kinds of file (inode(7)). */
const digestAlgorithms: ReadonlyMap<number, string> = new Map([
  [0o040000, "d"],
  [0o120000, "l"],
  [0o010000, "p"],
  [0o140000, "s"],
  [0o020000, "c"],
  [0o060000, "b"],
  [0o100000, "-"],
]);

/** As rpm's rpmPermsString(), which `ls -l` agrees with. */
function permissions(mode: number): string {
  const special = (mask: number, execute: number, letter: string) =>
    (mode & mask) === 0
      ? (mode & execute) === 0
        ? "-"
        : "x"
      : (mode & execute) === 0
        ? letter.toUpperCase()
        : letter;
  const pair = (read: number, write: number) =>
    `${(mode & read) === 0 ? "-" : "r"}${(mode & write) === 0 ? "-" : "w"}`;
  return [
    digestAlgorithms.get(mode & 0o170000) ?? "?",
    pair(0o400, 0o200),
    special(0o4000, 0o100, "s"),
    pair(0o040, 0o020),
    special(0o2000, 0o010, "s"),
    pair(0o004, 0o002),
    special(0o1000, 0o001, "t"),
  ].join("");
}

function* filesOf(header: RpmHeader): Iterable<TableRows["rpm_package_files"]> {
  const directories = header.strings(rpmTag.dirNames);
  const indexes = header.numbers(rpmTag.dirIndexes);
  const users = header.strings(rpmTag.fileUserNames);
  const groups = header.strings(rpmTag.fileGroupNames);
  const modes = header.numbers(rpmTag.fileModes);
  const sizes = header.numbers(rpmTag.fileSizes);
  const longSizes = header.numbers(rpmTag.longFileSizes);
  const digests = header.strings(rpmTag.fileDigests);
  const isSha256 = header.number(rpmTag.fileDigestAlgorithm) === sha256Algorithm;
  for (const [index, base] of header.strings(rpmTag.baseNames).entries()) {
    yield {
      package: header.string(rpmTag.name),
      path: `${directories[indexes[index] ?? -1] ?? ""}${base}`,
      username: users[index] ?? null,
      groupname: groups[index] ?? null,
      mode: permissions(modes[index] ?? 0),
      size: sizes[index] ?? longSizes[index] ?? null,
      sha256: isSha256 ? (digests[index] ?? null) : null,
    };
  }
}

export const rpmPackageFiles = defineTable("rpm_package_files", {
  *generate(request, host) {
    const names = textsEqualTo(request, "package");
    for (const header of readRpmPackages(host)) {
      if (names === null || names.includes(header.string(rpmTag.name) ?? "")) {
        yield* filesOf(header);
      }
    }
  },
});
