import { existsSync } from "node:fs";
import type { Config } from "../config/config.js";
import { type StageProblem, stageProblem } from "../config/stage_problem.js";
import { errnoOf } from "../errors.js";
import { readToken } from "./auth/token.js";
import { readTokenList } from "./auth/token_list.js";
import { requireAllowedAddress, requireSocketPath } from "./listen.js";
import { tlsFileProblems } from "./tls.js";

/** What is wrong with the server's addresses, certificates and token files; listens nowhere. */
export function checkHttp({
  http,
  settings,
}: Pick<Config, "http" | "settings">): readonly StageProblem[] {
  if (!http.enabled) return [];
  const socketKey = settings.http.socket_path === undefined ? "state_path" : "http.socket_path";
  const { host, isTcpAsked, allowedHosts, socketPath, tls, tokenPath, tokensPath } = http;
  const isRemoteAllowed = allowedHosts.length > 0;
  return [
    ...attempt("http.host", () => isTcpAsked && requireAllowedAddress({ host, isRemoteAllowed })),
    ...attempt(socketKey, () => requireSocketPath(socketPath)),
    ...(tls === undefined ? [] : tlsFileProblems(tls)).map(({ setting, error }) =>
      problemAt(`http.${setting}`, error),
    ),
    ...attempt("http.token_path", () => existsSync(tokenPath) && readToken(tokenPath)).map(
      asOthersSee,
    ),
    ...attempt("http.tokens_path", () => readTokenList(tokensPath)).map(asOthersSee),
  ];
}

interface Attempted extends StageProblem {
  readonly cause: unknown;
}

/** `key`: below `auditql`, with points. */
function attempt(key: string, read: () => unknown): readonly Attempted[] {
  try {
    read();
    return [];
  } catch (error) {
    return [problemAt(key, error)];
  }
}

function problemAt(key: string, error: unknown): Attempted {
  const cause = error instanceof Error ? error.cause : null;
  const problem = stageProblem(error, ["auditql", ...key.split(".")]);
  return { ...problem, message: `auditql.${key}: ${problem.message}`, cause };
}

/** A user without the daemon's permissions who checks the configuration cannot read secrets. */
function asOthersSee(problem: Attempted): Attempted {
  return ["EACCES", "EPERM"].includes(errnoOf(problem.cause))
    ? { ...problem, severity: "warning" }
    : problem;
}
