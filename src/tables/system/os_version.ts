import { machine } from "node:os";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";

type Row = TableRows["os_version"];

/** Assignments of os-release(5), without their quotes. */
function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const entries = [...text.matchAll(/^([A-Z_0-9]+)=(.*)$/gm)];
  return new Map(
    entries.map(([, key = "", value = ""]) => [
      key,
      value
        .trim()
        .replace(/^(["'])(.*)\1$/, "$2")
        .replaceAll(/\\(["'$`\\])/g, "$1"),
    ]),
  );
}

const numberOr0 = (text: string | undefined): number => Number.parseInt(text ?? "0", 10) || 0;

function fromOsRelease(text: string): Row {
  const release = parseOsRelease(text);
  const [major, minor, patch] = (release.get("VERSION_ID") ?? "").split(".");
  const codename = [...release].find(([key]) => key.includes("CODENAME"))?.[1];
  return {
    name: release.get("NAME") ?? "Unknown",
    version: release.get("VERSION") ?? null,
    major: numberOr0(major),
    minor: numberOr0(minor),
    patch: numberOr0(patch),
    build: release.get("BUILD_ID") ?? null,
    platform: release.get("ID") ?? "posix",
    platform_like: release.get("ID_LIKE") ?? null,
    codename: release.get("VERSION_CODENAME") ?? codename ?? null,
  };
}

/** What osquery makes of distributions that have a release file of their own. */
function fromReleaseFile(host: Host): Row {
  const redhat = host.readText("/etc/redhat-release");
  const text = redhat ?? host.readText("/etc/gentoo-release");
  if (text === null) return {};
  const family = redhat === null ? "gentoo" : "rhel";
  const version = text.trim().replaceAll(/\s+/g, " ");
  const found = version.match(/^([\w+\s]+) .* (\d+)\.(\d+)\.?(\w+)?/);
  const numbers = found && {
    name: found[1] ?? null,
    major: numberOr0(found[2]),
    minor: numberOr0(found[3]),
    patch: numberOr0(found[4]),
  };
  return { platform: family, platform_like: family, version, build: null, ...numbers };
}

export const osVersion = defineTable("os_version", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      const text =
        scope.host.readText("/etc/os-release") ?? scope.host.readText("/usr/lib/os-release");
      yield {
        ...fromOsRelease(text ?? ""),
        ...fromReleaseFile(scope.host),
        arch: machine(),
        ...scope.namespaceColumns,
      };
    }
  },
});
