import { statSync } from "node:fs";
import { join } from "node:path";
import type { DaemonAddress } from "../client/daemon_connection.js";
import { thisHost } from "../config/host_defaults.js";
import { AuditqlError, errnoOf } from "../errors.js";
import { readToken } from "../serve/auth/token.js";
import { clientTlsOptions, readClientTls } from "./client_tls_options.js";
import type { CommandIo, OptionValues } from "./define_command.js";

/** Options that say which daemon a command talks to. */
export const daemonOptions = {
  socket: {
    type: "string",
    value: "PATH",
    description:
      "Unix socket of the daemon. Default: $AUDITQL_SOCKET, else the existing auditql.sock in the state directory of this user or of root.",
  },
  url: {
    type: "string",
    value: "URL",
    description:
      "URL of the daemon, used instead of the socket, for example http://127.0.0.1:9177 or https://host.example:9177. Requires a token. Default: $AUDITQL_URL.",
  },
  "token-file": {
    type: "string",
    value: "FILE",
    description:
      "File with the bearer token for --url. Default: $AUDITQL_TOKEN_FILE, else, for this host, the file 'token' in the state directory.",
  },
  ...clientTlsOptions,
} as const;

const rootStatePath = "/var/lib/auditql";

/** Where the daemon is, by options, environment and default places, in this order. */
export function findDaemon(
  options: OptionValues<typeof daemonOptions>,
  env: CommandIo["env"],
): DaemonAddress {
  const url = options.url ?? (options.socket === undefined ? env["AUDITQL_URL"] : undefined);
  if (url !== undefined) {
    if (options.socket !== undefined) {
      throw new AuditqlError("usage", "--socket and --url are mutually exclusive.");
    }
    const parsed = parseUrl(url);
    const tokenFile = options["token-file"] ?? env["AUDITQL_TOKEN_FILE"] ?? ownTokenFile(parsed);
    const tls = parsed.protocol === "https:" ? readClientTls(options, env) : null;
    return { kind: "tcp", url: parsed, token: tokenOf(tokenFile), tls };
  }
  const path = options.socket ?? env["AUDITQL_SOCKET"] ?? existing("auditql.sock");
  return { kind: "unix", path };
}

/** What a client can do about a token that it cannot use. */
function tokenOf(path: string): string {
  const remedy = "Run chmod 600 on it. If other users may have read it, replace the token.";
  try {
    return readToken(path, remedy);
  } catch (cause) {
    if (!(cause instanceof AuditqlError) || errnoOf(cause.cause) !== "EACCES") throw cause;
    throw new AuditqlError(
      "daemon_permission",
      `${path} belongs to another user. Run as that user, with sudo, or give your own token with --token-file.`,
      { cause },
    );
  }
}

/** The file in this user's state directory, or in root's where only that has one. */
function existing(name: string): string {
  const host = thisHost();
  const own = join(host.isRoot ? rootStatePath : host.userStatePath, name);
  const roots = join(rootStatePath, name);
  return isThere(own) || !isThere(roots) ? own : roots;
}

/** A directory that is closed to this user hides its files: they may be there, and using them
 * tells of the missing permission. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return errnoOf(error) === "EACCES";
  }
}

/** The token of this host's daemon opens that one alone: no other host is to learn it. */
function ownTokenFile({ hostname }: URL): string {
  const isThisHost = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname);
  if (isThisHost) return existing("token");
  throw new AuditqlError("usage", `Missing --token-file with the token for ${hostname}.`);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new AuditqlError(
      "usage",
      `--url must be http://HOST:PORT or https://HOST:PORT, not ${JSON.stringify(text)}.`,
    );
  }
  return url;
}
