import { defineTable } from "../define_table.js";
import { deadProcess, loginRecords, userProcess } from "../sources/login_records.js";

export const last = defineTable("last", {
  *generate(_request, host) {
    for (const { type, user, tty, pid, seconds, host: from } of loginRecords(
      host,
      "/var/log/wtmp",
    )) {
      if (type !== userProcess && type !== deadProcess) continue;
      yield {
        username: user,
        tty,
        pid,
        type,
        type_name: type === userProcess ? "user-process" : "dead-process",
        time: seconds,
        host: from,
      };
    }
  },
});
