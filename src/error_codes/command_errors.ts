import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the command line and the shell. */
export const commandErrors = {
  usage: {
    status: 400,
    exitCode: 2,
    meaning: "Invalid command line. The message names the invalid part; see --help.",
  },
  daemon_unreachable: {
    status: 503,
    exitCode: 69,
    meaning:
      "Cannot connect to a daemon. Start one with 'auditql daemon', or select one with --socket or --url.",
  },
  daemon_permission: {
    status: 403,
    exitCode: 77,
    meaning:
      "The daemon's socket or token file belongs to another user. Run the command as that user, or with sudo.",
  },
  tls_refused: {
    status: 502,
    exitCode: 77,
    meaning:
      "TLS handshake with the daemon failed. The message says whether the daemon's certificate (--ca-file, --fingerprint) or the client's (--cert-file, --key-file) was rejected.",
  },
  answer_cut_off: {
    status: 502,
    exitCode: 74,
    meaning:
      "The connection to the daemon closed before the end of the response. Rows may be missing.",
  },
  answer_unexpected: {
    status: 502,
    exitCode: 70,
    meaning: "The server is not an auditql daemon, or runs an incompatible version.",
  },
  file_unwritable: {
    status: 500,
    exitCode: 74,
    meaning:
      "Cannot write standard output, or the file given to .export, .output or .once. The message names the cause.",
  },
  file_unreadable: {
    status: 400,
    exitCode: 74,
    meaning: "Cannot read a file named on the command line. The message names the cause.",
  },
  replay_incomplete: {
    status: 500,
    exitCode: 1,
    meaning:
      "Replay dropped rows; results are incomplete. The message gives their number and the cause.",
  },
  export_incomplete: {
    status: 500,
    exitCode: 1,
    meaning:
      "Tables dropped events during the export; the exported log is incomplete. The message gives their number.",
  },
  replay_empty: {
    status: 400,
    exitCode: 1,
    meaning: "None of the files contains an audit record. Give files in the format of audit.log.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
