import type { StateTable } from "../define_table.js";
import { authorizedKeys } from "./authorized_keys.js";
import { groups, userGroups } from "./groups.js";
import { last, loggedInUsers } from "./logins.js";
import { shadow } from "./shadow.js";
import { shellHistory } from "./shell_history.js";
import { sudoers } from "./sudoers.js";
import { ulimitInfo } from "./ulimit_info.js";
import { userSshKeys } from "./user_ssh_keys.js";
import { users } from "./users.js";

/** Every table of users. */
export const userTables: readonly StateTable[] = [
  authorizedKeys,
  groups,
  last,
  loggedInUsers,
  shadow,
  shellHistory,
  sudoers,
  ulimitInfo,
  userGroups,
  userSshKeys,
  users,
];
