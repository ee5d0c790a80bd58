import { defineTable } from "../define_table.js";
import { shownText } from "../os_string.js";
import { requestedProcessIds } from "../sources/process_list.js";

export const processEnvs = defineTable("process_envs", {
  *generate(request, host) {
    for (const pid of requestedProcessIds(request, host)) {
      const bytes = host.readFile(`/proc/${pid}/environ`);
      if (bytes === null) continue;
      for (const variable of shownText(bytes).split("\0")) {
        // What setproctitle(3) leaves behind are empty strings up to the old end.
        if (variable === "") break;
        const equals = variable.indexOf("=");
        // As osquery: a string without = is its own value.
        yield equals < 0
          ? { pid, key: variable, value: variable }
          : { pid, key: variable.slice(0, equals), value: variable.slice(equals + 1) };
      }
    }
  },
});
