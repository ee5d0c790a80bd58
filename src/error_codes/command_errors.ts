import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the command line and the shell. */
export const commandErrors = {
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
    meaning:
      "A file of .export, .output or .once, or standard output, cannot be written. The message says why.",
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
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
