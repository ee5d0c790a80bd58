import { defineTable } from "../define_table.js";
import { DEAD_PROCESS, loginRecords, USER_PROCESS } from "../sources/login_records.js";

export const last = defineTable("last", {
  *generate(_request, host) {
    for (const { type, user, tty, pid, seconds, host: from } of loginRecords(
      host,
      "/var/log/wtmp",
    )) {
      if (type !== USER_PROCESS && type !== DEAD_PROCESS) continue;
      yield {
        username: user,
        tty,
        pid,
        type,
        type_name: type === USER_PROCESS ? "user-process" : "dead-process",
        time: seconds,
        host: from,
      };
    }
  },
});
