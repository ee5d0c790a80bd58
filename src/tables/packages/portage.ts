import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { attribute, numericAttribute, trimmedLines } from "../sources/text_lines.js";

const database = "/var/db/pkg";

/** An installed package of Gentoo. */
interface Ebuild {
  /** Category and name. */
  readonly package: string;
  readonly version: string;
  /** Folder that portage keeps of it. */
  readonly path: string;
}

function* installedEbuilds(host: Host): Iterable<Ebuild> {
  for (const category of host.list(database)) {
    for (const entry of host.list(`${database}/${category}`)) {
      // Names may hold hyphens; the version begins with a digit (PMS 3.1.2).
      const [, name, version] = entry.match(/^(.+?)-(\d.*)$/) ?? [];
      if (name === undefined || version === undefined) continue;
      yield { package: `${category}/${name}`, version, path: `${database}/${category}/${entry}` };
    }
  }
}

export const portagePackages = defineTable("portage_packages", {
  *generate(_request, host) {
    const world = new Set(host.readText("/var/lib/portage/world")?.split("\n") ?? []);
    for (const { package: name, version, path } of installedEbuilds(host)) {
      yield {
        package: name,
        version,
        slot: attribute(host, `${path}/SLOT`),
        build_time: numericAttribute(host, `${path}/BUILD_TIME`),
        repository: attribute(host, `${path}/repository`),
        eapi: numericAttribute(host, `${path}/EAPI`),
        size: numericAttribute(host, `${path}/SIZE`),
        world: world.has(name) ? 1 : 0,
      };
    }
  },
});

const portageFolder = "/etc/portage";

interface Atom {
  readonly package: string;
  readonly version: string;
  keyword: string;
  mask: number;
  unmask: number;
}

/** `>=category/name-1.2` (PMS 8.3): the comparison goes with the version; `=` alone means none. */
function parseAtom(text: string): Atom {
  const [, comparison = "", rest = text] = text.match(/^([<>=~]+)?(.*)$/) ?? [];
  const [, name = rest, version = ""] = rest.match(/^(.+?)-(\d.*)$/) ?? [];
  const shown = `${comparison === "=" ? "" : comparison}${version}`;
  return { package: name, version: shown, keyword: "", mask: 0, unmask: 0 };
}

/** Lines of a file, or of all files of a folder of that name (portage(5)). */
function* settings(host: Host, name: string): Iterable<readonly [atom: string, rest: string]> {
  const path = `${portageFolder}/${name}`;
  const names = host.list(path).toSorted();
  const files = names.length === 0 ? [path] : names.map((file) => `${path}/${file}`);
  for (const file of files) {
    for (const line of trimmedLines(host, file)) {
      const [atom = "", ...rest] = line.replace(/\s*#.*$/, "").split(/\s+/);
      if (atom !== "") yield [atom, rest.join(" ")];
    }
  }
}

export const portageKeywords = defineTable("portage_keywords", {
  *generate(_request, host) {
    const atoms = new Map<string, Atom>();
    const entry = (atom: string) => {
      const known = atoms.get(atom) ?? parseAtom(atom);
      atoms.set(atom, known);
      return known;
    };
    for (const name of ["package.keywords", "package.accept_keywords"]) {
      for (const [atom, keyword] of settings(host, name)) entry(atom).keyword = keyword;
    }
    for (const [atom] of settings(host, "package.mask")) entry(atom).mask = 1;
    for (const [atom] of settings(host, "package.unmask")) entry(atom).unmask = 1;
    yield* atoms.values();
  },
});

export const portageUse = defineTable("portage_use", {
  *generate(_request, host) {
    for (const { package: name, version, path } of installedEbuilds(host)) {
      const flags = attribute(host, `${path}/USE`)?.split(/\s+/) ?? [];
      for (const use of flags) yield { package: name, version, use };
    }
  },
});
