import { readdirSync, readFileSync } from "node:fs";

/** User ids that no distribution, and systemd for no service, gives out (systemd's UIDS-GIDS.md);
 * below 65536, so that containers have them too. */
const firstId = 65_520;
const lastId = 65_533;

/** User and group id for the query workers of a process of the superuser: one that no account and no
 * process has, so that nobody else may signal or trace them. Null for any other process. */
export function unusedAccount(): number | null {
  if (process.geteuid?.() !== 0) return null;
  const taken = new Set([...idsOfAccounts(), ...idsOfProcesses()]);
  for (let id = firstId; id <= lastId; id++) if (!taken.has(id)) return id;
  // More daemons than ids: two of them share one.
  return lastId;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    // The process has ended, or the host has no such file.
    if (error instanceof Error && "syscall" in error) return "";
    throw error;
  }
}

/** passwd(5) and group(5) both have the id in the third field. */
function idsOfAccounts(): readonly number[] {
  const lines = ["/etc/passwd", "/etc/group"].flatMap((path) => textOf(path).split("\n"));
  return lines.map((line) => Number(line.split(":")[2]));
}

function idsOfProcesses(): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => Number(/^Uid:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]));
}

// These ask files, or a program on this host over a unix socket.
const localServices = /^(?:files|compat|db|systemd|sss|winbind|extrausers|cache|mymachines)$/;

/** Whether the host's name service (nsswitch.conf(5)) may itself connect to servers to find accounts,
 * as `ldap` and `nis` do. */
export function accountsNeedNetwork(nsswitch = textOf("/etc/nsswitch.conf")): boolean {
  const services =
    /^\s*passwd:(.*)$/m.exec(nsswitch)?.[1]?.replaceAll(/#.*|\[[^\]]*\]/g, " ") ?? "";
  return services
    .split(/\s+/)
    .filter((service) => service !== "")
    .some((service) => !localServices.test(service));
}
