import type { StateTable } from "../define_table.js";
import { authorizedKeys } from "./authorized_keys.js";
import { groups } from "./groups.js";
import { last } from "./last.js";
import { loggedInUsers } from "./logged_in_users.js";
import { shadow } from "./shadow.js";
import { shellHistory } from "./shell_history.js";
import { sudoers } from "./sudoers.js";
import { ulimitInfo } from "./ulimit_info.js";
import { userGroups } from "./user_groups.js";
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
