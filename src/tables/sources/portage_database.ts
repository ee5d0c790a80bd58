import type { Host } from "../host.js";

const database = "/var/db/pkg";

/** An installed package of Gentoo. */
export interface Ebuild {
  /** Category and name. */
  readonly package: string;
  readonly version: string;
  /** Folder that portage keeps of it. */
  readonly path: string;
}

export function* installedEbuilds(host: Host): Iterable<Ebuild> {
  for (const category of host.list(database)) {
    for (const entry of host.list(`${database}/${category}`)) {
      // Names may hold hyphens; the version begins with a digit (PMS 3.1.2).
      const [, name, version] = entry.match(/^(.+?)-(\d.*)$/) ?? [];
      if (name === undefined || version === undefined) continue;
      yield { package: `${category}/${name}`, version, path: `${database}/${category}/${entry}` };
    }
  }
}
