import { defineTable } from "../define_table.js";
import { loginRecords } from "../sources/login_records.js";

// By ut_type (utmp(5)).
const types = [
  "empty",
  "runlevel",
  "boot_time",
  "new_time",
  "old_time",
  "init",
  "login",
  "user",
  "dead",
  "accounting",
];

export const loggedInUsers = defineTable("logged_in_users", {
  *generate(_request, host) {
    for (const record of loginRecords(host, "/run/utmp")) {
      if (record.pid === 1) continue;
      yield {
        type: types[record.type] ?? "unknown",
        user: record.user,
        tty: record.tty,
        host: record.host,
        time: record.seconds,
        pid: record.pid,
      };
    }
  },
});
