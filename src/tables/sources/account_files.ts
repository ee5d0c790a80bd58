import type { Host } from "../host.js";

/** A line of passwd(5). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly description: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of group(5). */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const digitsOnly = /^\d+$/;

function* fieldsOf(host: Host, path: string): Iterable<string[]> {
  for (const line of host.readText(path)?.split("\n") ?? []) {
    // NIS entries (+name, -name) are no accounts of this file.
    if (line !== "" && !/^[#+-]/.test(line)) yield line.split(":");
  }
}

/** Accounts of /etc/passwd; malformed lines are left out as by getpwent(3). */
export function* accounts(host: Host): Iterable<Account> {
  for (const fields of fieldsOf(host, "/etc/passwd")) {
    const [name, , uid, gid, description, home, shell] = fields;
    if (name === undefined || !digitsOnly.test(uid ?? "") || !digitsOnly.test(gid ?? "")) continue;
    yield {
      name,
      uid: Number(uid),
      gid: Number(gid),
      description: description ?? "",
      home: home ?? "",
      shell: shell ?? "",
    };
  }
}

/** Groups of /etc/group. */
export function* groupsOf(host: Host): Iterable<Group> {
  for (const [name, , gid, members] of fieldsOf(host, "/etc/group")) {
    if (name === undefined || !digitsOnly.test(gid ?? "")) continue;
    yield { name, gid: Number(gid), members: (members ?? "").split(",").filter(Boolean) };
  }
}
