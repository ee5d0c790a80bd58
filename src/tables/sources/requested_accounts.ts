import type { TableRequest } from "../../native/connection.js";
import { integersEqualTo } from "../constraints.js";
import type { Host } from "../host.js";
import { type Account, accounts } from "./account_files.js";

/** Accounts whose files a query is for: those of `uid = …`, else auditql's own, as in osquery. */
export function requestedAccounts(request: TableRequest, host: Host): readonly Account[] {
  const uids = integersEqualTo(request, "uid") ?? [process.getuid?.() ?? 0];
  return [...accounts(host)].filter(({ uid }) => uids.includes(uid));
}
