import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

function passwordStatus(password: string): string {
  if (password === "!!") return "not_set";
  if (password === "") return "empty";
  return /^[!*x]/.test(password) ? "locked" : "active";
}

// getspent(3) gives -1 for an empty number.
const numberOr = (text: string | undefined): number => (text ? Number(text) : -1);

export const shadow = defineTable("shadow", {
  *generate(request, host) {
    const names = textsEqualTo(request, "username");
    for (const line of trimmedLines(host, "/etc/shadow")) {
      const [username, password = "", ...numbers] = line.split(":");
      if (username === undefined || (names !== null && !names.includes(username))) continue;
      const [lastChange, min, max, warning, inactive, expire, flag] = numbers.map(numberOr);
      yield {
        username,
        password_status: passwordStatus(password),
        hash_alg: password.match(/^\$(\w+)\$/)?.[1] ?? null,
        last_change: lastChange ?? -1,
        min: min ?? -1,
        max: max ?? -1,
        warning: warning ?? -1,
        inactive: inactive ?? -1,
        expire: expire ?? -1,
        flag: flag ?? -1,
      };
    }
  },
});
