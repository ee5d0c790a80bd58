import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";

const folder = "/etc/yum.repos.d";

/** Sections of an INI file. */
function* sections(text: string): Iterable<{ title: string; body: string }> {
  for (const part of text.split(/^(?=\[)/m)) {
    const title = part.match(/^\[([^\]]+)\]/)?.[1];
    if (title !== undefined) yield { title, body: part };
  }
}

export const yumSources = defineTable("yum_sources", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      const names = scope.host.list(folder).filter((name) => name.endsWith(".repo"));
      const files = ["/etc/yum.conf", ...names.toSorted().map((name) => `${folder}/${name}`)];
      for (const source of files) {
        for (const { title, body } of sections(scope.host.readText(source) ?? "")) {
          if (title === "main") continue;
          const field = (key: string) =>
            body.match(new RegExp(`^${key}[ \\t]*=[ \\t]*(.*)$`, "m"))?.[1]?.trim() ?? null;
          yield {
            name: field("name") ?? title,
            source,
            baseurl: field("baseurl"),
            mirrorlist: field("mirrorlist"),
            metalink: field("metalink"),
            enabled: field("enabled"),
            gpgcheck: field("gpgcheck"),
            gpgkey: field("gpgkey"),
            ...scope.columns,
          };
        }
      }
    }
  },
});
