/** What each error code means. docs/errors.md is compared with this table by a test. */
export interface ErrorMeaning {
  /** HTTP status of the answer when a request meets it. */
  readonly status: number;
  /** Exit status of the command line (sysexits.h where one fits). */
  readonly exitCode: number;
  /** When it happens and what to do. */
  readonly meaning: string;
}

/** Every error code, by the folder that raises it. */
export const errorCodes = {
  // native
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
      "Another process, usually auditd, owns the kernel's audit stream. Stop it, or run beside it by multicast.",
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
  // sql
  query_timeout: {
    status: 504,
    exitCode: 1,
    meaning: "The query reached its time limit and was stopped. Narrow it, or raise the limit.",
  },
  query_cancelled: {
    status: 409,
    exitCode: 130,
    meaning: "The query was cancelled by whoever asked, or because its client went away.",
  },
  query_memory: {
    status: 507,
    exitCode: 1,
    meaning: "The query needed more memory than a query may use. Narrow it, or raise the limit.",
  },
  query_cpu: {
    status: 507,
    exitCode: 1,
    meaning:
      "The query used more of the processors than the watchdog allows. Narrow it, or raise --watchdog_utilization_limit.",
  },
  worker_died: {
    status: 500,
    exitCode: 70,
    meaning:
      "The process that ran the query ended by itself or was killed from outside. The message says how.",
  },
  worker_unavailable: {
    status: 503,
    exitCode: 75,
    meaning:
      "No process could be started for the query, or the daemon is stopping. The message says why; try again.",
  },
  query_queue_full: {
    status: 503,
    exitCode: 75,
    meaning: "As many queries wait for a worker as the daemon lets wait. Try again later.",
  },
  result_refused: {
    status: 500,
    exitCode: 74,
    meaning: "Whoever asked stopped reading before the result had ended.",
  },
  sql_error: {
    status: 400,
    exitCode: 1,
    meaning: "SQLite refused the statement. The message is SQLite's.",
  },
  // serve
  request_invalid: {
    status: 400,
    exitCode: 2,
    meaning: "The request is not what the route expects. The message names the field.",
  },
  request_malformed: {
    status: 400,
    exitCode: 70,
    meaning: "The bytes on the connection are not an HTTP/1.1 request.",
  },
  request_timeout: {
    status: 408,
    exitCode: 75,
    meaning: "The request did not arrive whole in time. Send it at once.",
  },
  token_missing: {
    status: 401,
    exitCode: 77,
    meaning:
      "The request carries no bearer token. Send 'Authorization: Bearer TOKEN' with the content of the token file, or use the unix socket.",
  },
  token_wrong: {
    status: 401,
    exitCode: 77,
    meaning: "The bearer token is not the daemon's. Read the token file again.",
  },
  token_file_insecure: {
    status: 500,
    exitCode: 78,
    meaning:
      "The token file is not a regular file of the daemon's user with mode 0600. Remove it; the next start makes a new one.",
  },
  token_file_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The token file cannot be read or written. The message names the file and the cause.",
  },
  token_list_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The file of further tokens cannot be used, so none of them opens the API. The message names the line; docs/security.md shows the form.",
  },
  role_refused: {
    status: 403,
    exitCode: 77,
    meaning: "The token's role does not allow this. Use one with the role admin.",
  },
  peer_refused: {
    status: 403,
    exitCode: 77,
    meaning:
      "The unix socket is not open to this user. Add the user to http.socket_users, run as root, or use a token on TCP.",
  },
  sign_in_refused: {
    status: 401,
    exitCode: 77,
    meaning:
      "The sign-in link was used or has expired, or the token is not one of the daemon's. Ask for another link.",
  },
  too_many_requests: {
    status: 429,
    exitCode: 75,
    meaning: "More requests, or more wrong tokens, in a minute than the server takes. Wait.",
  },
  too_many_tails: {
    status: 429,
    exitCode: 75,
    meaning: "As many clients follow events as the server allows. Try again when one has ended.",
  },
  tail_refused: {
    status: 400,
    exitCode: 2,
    meaning: "Only a SELECT over one event table can be followed. The message says what it reads.",
  },
  process_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No stored event tells of a process of that uuid; it may have expired.",
  },
  page_missing: {
    status: 503,
    exitCode: 70,
    meaning: "The web page is not built. Run npm run build.",
  },
  tls_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The certificate, its key or the CA of clients cannot be used. The message names the cause.",
  },
  host_refused: {
    status: 421,
    exitCode: 77,
    meaning:
      "The Host header names neither a loopback address nor a configured name: a defence against DNS rebinding.",
  },
  origin_refused: {
    status: 403,
    exitCode: 77,
    meaning: "A page of another site sent the request. The API answers its own origin only.",
  },
  content_type_refused: {
    status: 415,
    exitCode: 2,
    meaning: "The body is not application/json: no other type is read.",
  },
  body_too_large: {
    status: 413,
    exitCode: 2,
    meaning: "The request body is larger than the server takes (256 KiB unless configured).",
  },
  headers_too_large: {
    status: 431,
    exitCode: 2,
    meaning: "The request headers are larger than the server takes (16 KiB).",
  },
  route_missing: {
    status: 404,
    exitCode: 2,
    meaning: "There is no such route. docs/http.md lists them.",
  },
  table_missing: {
    status: 404,
    exitCode: 1,
    meaning: "There is no table of that name. GET /v1/tables lists them.",
  },
  query_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No query of that id runs. GET /v1/queries lists them.",
  },
  too_many_queries: {
    status: 503,
    exitCode: 75,
    meaning:
      "As many ad-hoc queries wait as the server allows, or this one waited for its turn longer than it may. Try again after the seconds in Retry-After, or raise http.waiting_queries or http.query_wait_ms.",
  },
  result_truncated: {
    status: 422,
    exitCode: 1,
    meaning:
      "A CSV answer was cut short by a limit that the request did not set. Set the limit in the request, or ask for JSON.",
  },
  port_in_use: {
    status: 500,
    exitCode: 75,
    meaning: "Another process listens on the address. Stop it, or configure another port.",
  },
  socket_in_use: {
    status: 500,
    exitCode: 75,
    meaning: "Another daemon answers on the unix socket. Stop it, or configure another path.",
  },
  bind_refused: {
    status: 500,
    exitCode: 78,
    meaning:
      "The address is not a loopback address. Allow remote clients explicitly in the configuration, and read docs/security.md before.",
  },
  listen_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The server cannot listen on the address. The message names the cause.",
  },
  // commands and shell
  usage: {
    status: 400,
    exitCode: 2,
    meaning: "The command line is not understood. The message says which part; see --help.",
  },
  daemon_unreachable: {
    status: 503,
    exitCode: 69,
    meaning:
      "No daemon answers. Start one with 'auditql daemon', or name it with --socket or --url.",
  },
  daemon_permission: {
    status: 403,
    exitCode: 77,
    meaning:
      "The daemon's socket or token file belongs to another user. Run as that user, or with sudo.",
  },
  tls_refused: {
    status: 502,
    exitCode: 77,
    meaning:
      "The daemon and this client do not accept each other over TLS. The message says what is amiss: the daemon's certificate (--ca-file, --fingerprint), or the client's (--cert-file, --key-file).",
  },
  answer_cut_off: {
    status: 502,
    exitCode: 74,
    meaning: "The connection to the daemon ended before the answer did. Rows may be missing.",
  },
  answer_unexpected: {
    status: 502,
    exitCode: 70,
    meaning: "What answers is not an auditql daemon, or one of another version.",
  },
  file_unwritable: {
    status: 500,
    exitCode: 74,
    meaning: "A file of .export, .output or .once cannot be written. The message names the cause.",
  },
  file_unreadable: {
    status: 400,
    exitCode: 74,
    meaning: "A file named on the command line cannot be read. The message says why.",
  },
  replay_incomplete: {
    status: 500,
    exitCode: 1,
    meaning:
      "Rows of the replayed logs were dropped, so that results miss some. The message says why and how many.",
  },
  export_incomplete: {
    status: 500,
    exitCode: 1,
    meaning:
      "Events were dropped from the tables while they were exported, so that the log misses some. The message says how many.",
  },
  replay_empty: {
    status: 400,
    exitCode: 1,
    meaning: "None of the files holds an audit record. Name files in the format of audit.log.",
  },
  // config
  config_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The configuration or a flag cannot be used. The message names file, line and column; auditql config check shows all problems.",
  },
  // schedule
  schedule_state_broken: {
    status: 500,
    exitCode: 74,
    meaning:
      "The schedule's database in the state directory cannot be opened. The message names the file; move it away to start with an empty one.",
  },
  // log
  logger_unknown: {
    status: 500,
    exitCode: 78,
    meaning:
      "logger_plugin names a logger that does not exist. Use one of the names in the message, or give auditql.log.loggers.<name>.module.",
  },
  logger_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "A logger's options are wrong, or its module cannot be loaded. The message names the logger and the cause.",
  },
  log_queue_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "The on-disk queue of a logger cannot be used. The message names the directory and the cause.",
  },
  // other
  internal: {
    status: 500,
    exitCode: 70,
    meaning: "A defect in auditql. Please report it with the message.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** An error with a code of `errorCodes`; the message says what happened and what to do next. */
export class AuditqlError extends Error {
  override readonly name = "AuditqlError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
