import { existsSync } from "node:fs";
import type { Config } from "../config/config.js";
import { type StageProblem, stageProblem } from "../config/stage_problem.js";
import { errnoOf } from "../errors.js";
import { readToken } from "./auth/token.js";
import { readTokenList } from "./auth/token_list.js";
import { requireAllowedAddress, requireSocketPath } from "./listen.js";
import { readTlsFiles } from "./tls.js";

const keysOf = (key: string) => ["auditql", "http", key];

/** What is wrong with the server's addresses, certificates and token files; listens nowhere. */
export function checkHttp(http: Config["http"]): readonly StageProblem[] {
  if (!http.enabled) return [];
  const { host, isTcpAsked, allowedHosts, socketPath, tls, tokenPath, tokensPath } = http;
  const isRemoteAllowed = allowedHosts.length > 0;
  return [
    ...attempt("host", () => isTcpAsked && requireAllowedAddress({ host, isRemoteAllowed })),
    ...attempt("socket_path", () => requireSocketPath(socketPath)),
    ...attempt("tls", () => tls !== null && readTlsFiles(tls)),
    ...attempt("token_path", () => existsSync(tokenPath) && readToken(tokenPath)).map(asOthersSee),
    ...attempt("tokens_path", () => readTokenList(tokensPath)).map(asOthersSee),
  ];
}

interface Attempted extends StageProblem {
  readonly cause: unknown;
}

function attempt(key: string, read: () => unknown): readonly Attempted[] {
  try {
    read();
    return [];
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    const problem = stageProblem(error, keysOf(key));
    return [{ ...problem, message: `auditql.http.${key}: ${problem.message}`, cause }];
  }
}

/** A file of secrets is closed to whoever checks the configuration without the daemon's rights. */
function asOthersSee(problem: Attempted): Attempted {
  return ["EACCES", "EPERM"].includes(errnoOf(problem.cause))
    ? { ...problem, severity: "warning" }
    : problem;
}
