import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { trimmedLines } from "../sources/text_lines.js";

const listsFolder = "/var/lib/apt/lists";

interface Source {
  readonly uri: string;
  readonly suite: string;
}

const withoutSlashes = (uri: string): string => uri.replace(/\/+$/, "");

/** `deb [options] URI suite components…` (sources.list(5)). */
function parseLine(line: string): Source | null {
  const found = line.match(/^deb\s+(?:\[[^\]]*\]\s*)?(\S+:\/\/\S+)\s+(\S+)/);
  const [, uri, suite] = found ?? [];
  return uri === undefined || suite === undefined ? null : { uri: withoutSlashes(uri), suite };
}

/** A paragraph in the form of deb822(5): every URI with every suite. */
function parseParagraph(text: string): Source[] {
  const field = (name: string) =>
    text.match(new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, "mi"))?.[1]?.trim();
  const words = (name: string) => field(name)?.split(/\s+/).filter(Boolean) ?? [];
  if (/^(no|false|off|0)$/i.test(field("Enabled") ?? "") || !words("Types").includes("deb")) {
    return [];
  }
  const uris = words("URIs").filter((uri) => uri.includes("://"));
  return uris.flatMap((uri) =>
    words("Suites").map((suite) => ({ uri: withoutSlashes(uri), suite })),
  );
}

function* sourcesOf(host: Host, path: string): Iterable<Source> {
  if (path.endsWith(".sources")) {
    const text = (host.readText(path) ?? "").replaceAll(/^#.*\n?/gm, "");
    for (const paragraph of text.split(/\n\s*\n/)) yield* parseParagraph(paragraph);
    return;
  }
  for (const line of trimmedLines(host, path)) {
    const source = parseLine(line.replace(/#.*/, ""));
    if (source !== null) yield source;
  }
}

/** The Release file that apt fetched for a source; null for one that was never fetched. */
function releaseText(host: Host, { uri, suite }: Source): string | null {
  const place = suite.endsWith("/") ? suite.slice(0, -1) : `dists/${suite}`;
  const prefix = `${uri.replace(/^[^:]+:\/\//, "")}/${place}`.replaceAll("/", "_");
  for (const name of ["InRelease", "Release"]) {
    const text = host.readText(`${listsFolder}/${prefix}_${name}`);
    if (text !== null) return text.split("-----BEGIN PGP SIGNATURE-----")[0] ?? "";
  }
  return null;
}

function sourceFiles(host: Host): string[] {
  const folder = "/etc/apt/sources.list.d";
  const names = host.list(folder).filter((name) => /\.(list|sources)$/.test(name));
  return ["/etc/apt/sources.list", ...names.toSorted().map((name) => `${folder}/${name}`)];
}

export const aptSources = defineTable("apt_sources", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const file of sourceFiles(scope.host)) {
        for (const source of sourcesOf(scope.host, file)) {
          const release = releaseText(scope.host, source);
          if (release === null) continue;
          const field = (name: string) =>
            release.match(new RegExp(`^${name}: *(.*)$`, "m"))?.[1] ?? null;
          yield {
            name: `${source.uri.replace(/^[^:]+:\/\//, "")} ${source.suite}`,
            source: file,
            base_uri: source.uri,
            release: field("Codename"),
            version: field("Version"),
            maintainer: field("Origin"),
            components: field("Components"),
            architectures: field("Architectures"),
            ...scope.columns,
          };
        }
      }
    }
  },
});
