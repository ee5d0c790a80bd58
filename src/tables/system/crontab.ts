import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";

const systemTable = "/etc/crontab";
const folders = ["/etc/cron.d", "/var/spool/cron", "/var/spool/cron/crontabs"];

/** A line of crontab(5); null for comments, variables and lines without a command. */
function parseLine(text: string): TableRows["crontab"] | null {
  const line = text.trim();
  if (line === "" || line.startsWith("#")) return null;
  const words = line.split(/[ \t]+/);
  if (line.startsWith("@")) {
    const [event = "", ...command] = words;
    return command.length === 0 ? null : { event, command: command.join(" ") };
  }
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", ...command] = words;
  if (command.length === 0) return null;
  return {
    minute,
    hour,
    day_of_month: dayOfMonth,
    month,
    day_of_week: dayOfWeek,
    command: command.join(" "),
  };
}

export const crontab = defineTable("crontab", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      const inFolders = folders.flatMap((folder) =>
        scope.host
          .list(folder)
          .map((name) => `${folder}/${name}`)
          .sort(),
      );
      for (const path of [systemTable, ...inFolders]) {
        for (const line of scope.host.readText(path)?.split("\n") ?? []) {
          const row = parseLine(line);
          if (row !== null) yield { ...row, path: shownPath(path), ...scope.columns };
        }
      }
    }
  },
});
