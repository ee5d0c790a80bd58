import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { trimmedLines } from "../sources/text_lines.js";

export const etcHosts = defineTable("etc_hosts", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const line of scope.host.readText("/etc/hosts")?.split("\n") ?? []) {
        const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
        if (address === undefined || address === "") continue;
        yield { address, hostnames: names.join(" "), ...scope.columns };
      }
    }
  },
});

export const etcProtocols = defineTable("etc_protocols", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/etc/protocols")) {
      const [entry = "", comment] = line.split(/#(.*)/s);
      const [name, number, alias] = entry.trim().split(/\s+/);
      if (name === undefined || number === undefined) continue;
      yield {
        name,
        number: Number(number),
        alias: alias ?? null,
        comment: comment?.trim() ?? null,
      };
    }
  },
});

export const etcServices = defineTable("etc_services", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/etc/services")) {
      const [entry = "", comment] = line.split(/#(.*)/s);
      const [name, endpoint, ...aliases] = entry.trim().split(/\s+/);
      const [port, protocol] = endpoint?.split("/") ?? [];
      if (name === undefined || protocol === undefined) continue;
      yield {
        name,
        port: Number(port),
        protocol,
        aliases: aliases.join(" "),
        comment: comment?.trim() ?? null,
      };
    }
  },
});
