import type { TableRequest } from "../../native/connection.js";
import { isWithin } from "../constraints.js";
import type { Host } from "../host.js";
import { plainPath } from "../os_string.js";
import { type Account, accounts } from "./account_files.js";

/** Accounts whose files a query is for: those that its conditions on `uid` let through, else
 * the daemon's own, as in osquery. Accounts that share uid and home have the same files, and are one. */
export function requestedAccounts(request: TableRequest, host: Host): readonly Account[] {
  const isAsked = request.constraints.some(({ column }) => column === "uid");
  const isWanted = isAsked ? isWithin(request, "uid") : (uid: number) => uid === host.ownUid;
  const kept = new Map<string, Account>();
  for (const account of accounts(host)) {
    const key = `${account.uid}:${plainPath(account.home)}`;
    if (isWanted(account.uid) && !kept.has(key)) kept.set(key, account);
  }
  return [...kept.values()];
}
