import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";

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
