import { integersEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { requestedRules, scanColumns } from "../sources/yara_request.js";

export const yaraProcess = defineTable("yara_process", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    // To attach to itself would stop the scan for ever.
    const pids = integersEqualTo(request, "pid")?.filter((pid) => pid > 0 && pid !== process.pid);
    for (const rules of requestedRules(request, host)) {
      for (const pid of pids ?? []) {
        const columns = host.admitsProcess(pid) ? scanColumns(sources, rules, pid) : null;
        if (columns !== null) yield { pid, ...columns };
      }
    }
  },
});
