import type { Host } from "../tables/host.js";
import { readRpmPackages } from "../tables/packages/rpm_database.js";
import { type RpmHeader, rpmTag } from "../tables/packages/rpm_header.js";
import type { OwnedPaths } from "./dpkg_paths.js";

function* pathsOf(header: RpmHeader): Iterable<string> {
  const directories = header.strings(rpmTag.dirNames);
  const indexes = header.numbers(rpmTag.dirIndexes);
  for (const [index, base] of header.strings(rpmTag.baseNames).entries()) {
    yield `${directories[indexes[index] ?? -1] ?? ""}${base}`;
  }
}

/** As `rpm -q` shows it, without the epoch. */
function versionOf(header: RpmHeader): string {
  const version = header.string(rpmTag.version) ?? "";
  const release = header.string(rpmTag.release);
  return release === null ? version : `${version}-${release}`;
}

/** Paths of every package in rpm's database, in whichever of its three formats. */
export function* rpmOwnedPaths(host: Host): Iterable<OwnedPaths> {
  for (const header of readRpmPackages(host)) {
    const name = header.string(rpmTag.name);
    if (name === null) continue;
    yield { owner: { name, version: versionOf(header), type: "rpm" }, paths: pathsOf(header) };
  }
}
