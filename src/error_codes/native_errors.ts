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
      "Another daemon uses the state directory. Stop it, or give this one another --state_path.",
  },
  store_open_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The event store cannot be opened. The message names the file and the cause.",
  },
  store_memory_unavailable: {
    status: 500,
    exitCode: 77,
    meaning:
      "auditql.store is memory, and there can be no filesystem in memory: that takes CAP_SYS_ADMIN and Linux 5.2. Give the daemon the capability, or store disk with a --state_path in a tmpfs of the host.",
  },
  state_directory_failed: {
    status: 500,
    exitCode: 77,
    meaning:
      "The directory of the state or of the logs cannot be made. Make it for this user, or give another with --state_path and --logger_path.",
  },
  store_damaged: {
    status: 500,
    exitCode: 74,
    meaning:
      "A file of the event store is damaged. It is moved aside as *.damaged-N and the table starts anew; look for the cause on the disk.",
  },
  store_disk_full: {
    status: 507,
    exitCode: 74,
    meaning: "The disk of the state directory is full. Free room, or lower events_max_bytes.",
  },
  store_sync_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The event store could not be written to the disk. The message names the file.",
  },
  peer_unknown: {
    status: 500,
    exitCode: 71,
    meaning: "The kernel does not tell who is at the other end of a connection.",
  },
  procfs_open_failed: {
    status: 500,
    exitCode: 71,
    meaning: "/proc cannot be opened. Mount it (mount -t proc proc /proc).",
  },
  syslog_pipe_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "The named pipe for rsyslog (--syslog_pipe_path) cannot be made or opened. The message names the cause.",
  },
  yara_rules_unusable: {
    status: 500,
    exitCode: 78,
    meaning:
      "A file of YARA rules in the configuration does not compile, or the host has no libyara 4.2 or later. Install libyara, or correct the rules.",
  },
  audit_rule_invalid: {
    status: 400,
    exitCode: 78,
    meaning: "An audit rule of the configuration is not in auditctl's syntax. Correct the line.",
  },
  audit_rule_malformed: {
    status: 500,
    exitCode: 70,
    meaning:
      "The kernel returned a rule that cannot be read. Please report it with the output of auditctl -l.",
  },
  audit_rule_refused: {
    status: 400,
    exitCode: 78,
    meaning:
      "A rules file asks for -e 2 or -f 2, which auditql never does. Nothing was changed; take the line out, or use auditctl.",
  },
  audit_permission: {
    status: 403,
    exitCode: 77,
    meaning:
      "The kernel's audit subsystem refused a request. Run as root or grant CAP_AUDIT_CONTROL, outside of containers; rules locked with auditctl -e 2 stay so until the next reboot.",
  },
  audit_unavailable: {
    status: 503,
    exitCode: 69,
    meaning:
      "The kernel has no audit subsystem in reach: it was built or booted without (audit=0), or this is a container.",
  },
  audit_exists: {
    status: 409,
    exitCode: 1,
    meaning: "The kernel has this audit rule already. There is nothing to do.",
  },
  audit_not_found: {
    status: 404,
    exitCode: 1,
    meaning:
      "The kernel has no such audit rule, or a directory in it does not exist. Compare with auditql rules list.",
  },
  audit_invalid: {
    status: 400,
    exitCode: 78,
    meaning:
      "The kernel does not take an audit rule or setting; an older kernel may not know a field. The message names the line.",
  },
  audit_timeout: {
    status: 504,
    exitCode: 75,
    meaning: "The kernel's audit subsystem did not answer within five seconds. Try again.",
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
      "The host's audit settings do not allow to capture. The message says which, and what to do.",
  },
  audit_journal_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "The note of what was changed in the host's auditing cannot be written to the state directory, so nothing was changed. The message names the file.",
  },
  audit_journal_invalid: {
    status: 500,
    exitCode: 74,
    meaning:
      "The note of what an earlier run changed in the host's auditing cannot be read. Look at auditctl -s and -l, then remove the file that the message names.",
  },
  audit_in_use: {
    status: 409,
    exitCode: 75,
    meaning: "Another auditql that runs has changed the host's auditing. Stop that one first.",
  },
  capture_start_failed: {
    status: 500,
    exitCode: 71,
    meaning: "A capture backend could not be started. The message names the call that failed.",
  },
  capture_running: {
    status: 409,
    exitCode: 70,
    meaning: "Recorded events cannot be replayed beside a live capture.",
  },
  engine_closed: {
    status: 503,
    exitCode: 70,
    meaning: "The daemon is stopping. Try again once it runs.",
  },
  table_unknown: {
    status: 404,
    exitCode: 1,
    meaning: "No event table has this name. See .tables, or GET /v1/tables.",
  },
  privileges_failed: {
    status: 500,
    exitCode: 71,
    meaning: "Privileges that are not needed could not be dropped. The message names the call.",
  },
  health_map_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The health region cannot be created. The message names the file and the cause.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
