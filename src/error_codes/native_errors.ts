import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the addon and its loader. */
export const nativeErrors = {
  addon_missing: {
    status: 500,
    exitCode: 70,
    meaning: "The native addon is not built. Run npm run build.",
  },
  store_locked: {
    status: 409,
    exitCode: 75,
    meaning:
      "Another daemon uses the state directory. Stop that daemon, or set a different --state_path for this one.",
  },
  store_open_failed: {
    status: 500,
    exitCode: 74,
    meaning: "Cannot open the event store. The message names the file and the cause.",
  },
  store_memory_unavailable: {
    status: 500,
    exitCode: 77,
    meaning:
      "auditql.store = memory needs an in-memory filesystem, which requires CAP_SYS_ADMIN and Linux 5.2 or later. Grant the capability, or set auditql.store = disk with --state_path in a tmpfs of the host.",
  },
  state_directory_failed: {
    status: 500,
    exitCode: 77,
    meaning:
      "Cannot create the state directory or the log directory. Create it for this user, or set --state_path and --logger_path.",
  },
  store_damaged: {
    status: 500,
    exitCode: 74,
    meaning:
      "A file of the event store is damaged. auditql renamed it to *.damaged-N and started an empty table. Check the disk.",
  },
  store_disk_full: {
    status: 507,
    exitCode: 74,
    meaning: "The disk of the state directory is full. Free space, or lower events_max_bytes.",
  },
  store_sync_failed: {
    status: 500,
    exitCode: 74,
    meaning: "Cannot write the event store to the disk. The message names the file.",
  },
  peer_unknown: {
    status: 500,
    exitCode: 71,
    meaning: "Cannot read peer credentials (SO_PEERCRED).",
  },
  procfs_open_failed: {
    status: 500,
    exitCode: 71,
    meaning: "Cannot open /proc. Mount it: mount -t proc proc /proc.",
  },
  syslog_pipe_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "Cannot create or open the named pipe for rsyslog (--syslog_pipe_path). The message names the cause.",
  },
  yara_rules_unusable: {
    status: 500,
    exitCode: 78,
    meaning:
      "A file of YARA rules in the configuration does not compile, or libyara 4.2 or later is not installed. Correct the rules, or install libyara.",
  },
  audit_rule_invalid: {
    status: 400,
    exitCode: 78,
    meaning:
      "An audit rule in the configuration does not follow auditctl's syntax. Correct the line.",
  },
  audit_rule_malformed: {
    status: 500,
    exitCode: 70,
    meaning:
      "Cannot decode an audit rule returned by the kernel. Please report this with the output of auditctl -l.",
  },
  audit_rule_refused: {
    status: 400,
    exitCode: 78,
    meaning:
      "A rules file contains -e 2 or -f 2, which auditql never applies. Nothing was changed. Remove the line, or use auditctl.",
  },
  audit_permission: {
    status: 403,
    exitCode: 77,
    meaning:
      "The kernel's audit subsystem denied a request. Run as root or grant CAP_AUDIT_CONTROL, outside of containers. Rules locked with auditctl -e 2 stay locked until the next reboot.",
  },
  audit_unavailable: {
    status: 503,
    exitCode: 69,
    meaning:
      "The kernel's audit subsystem is not available: the kernel was built or booted without it (audit=0), or this is a container.",
  },
  audit_exists: {
    status: 409,
    exitCode: 1,
    meaning: "The kernel already has this audit rule. No action is needed.",
  },
  audit_not_found: {
    status: 404,
    exitCode: 1,
    meaning:
      "The kernel does not have this audit rule, or a directory in it does not exist. Compare with auditql rules list.",
  },
  audit_invalid: {
    status: 400,
    exitCode: 78,
    meaning:
      "The kernel rejected an audit rule or setting; an older kernel may not support a field. The message names the line.",
  },
  audit_timeout: {
    status: 504,
    exitCode: 75,
    meaning: "The kernel's audit subsystem did not answer within five seconds. Retry.",
  },
  audit_request_failed: {
    status: 500,
    exitCode: 71,
    meaning: "A request to the kernel's audit subsystem failed. The message names the cause.",
  },
  audit_owner_present: {
    status: 409,
    exitCode: 75,
    meaning:
      "Another process, usually auditd, owns the kernel's audit stream. Stop that process, then restart auditql.",
  },
  audit_not_usable: {
    status: 409,
    exitCode: 78,
    meaning:
      "The host's audit settings do not allow capture. The message names the setting and the remedy.",
  },
  audit_journal_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "Cannot write the audit state file (saved host settings) in the state directory; nothing was changed. The message names the file.",
  },
  audit_journal_invalid: {
    status: 500,
    exitCode: 74,
    meaning:
      "Cannot read the audit state file (host settings saved by an earlier run). Check auditctl -s and auditctl -l, then remove the file named in the message.",
  },
  audit_in_use: {
    status: 409,
    exitCode: 75,
    meaning: "Another running auditql manages this host's audit configuration. Stop it first.",
  },
  capture_start_failed: {
    status: 500,
    exitCode: 71,
    meaning: "Cannot start a capture backend. The message names the failed system call.",
  },
  capture_running: {
    status: 409,
    exitCode: 70,
    meaning: "Cannot replay a log while capture is running.",
  },
  engine_closed: {
    status: 503,
    exitCode: 70,
    meaning: "The daemon is stopping. Retry when it is running.",
  },
  table_unknown: {
    status: 404,
    exitCode: 1,
    meaning: "No event table has this name. List them with .tables or GET /v1/tables.",
  },
  privileges_failed: {
    status: 500,
    exitCode: 71,
    meaning: "Cannot drop unneeded capabilities. The message names the failed system call.",
  },
  health_map_failed: {
    status: 500,
    exitCode: 74,
    meaning: "Cannot create the health region. The message names the file and the cause.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
