import type { ServerResponse } from "node:http";
import type { FastifyError } from "fastify";
import { errorCodes } from "../error_codes/all.js";
import { AuditqlError, type ErrorCode, isErrorCode } from "../errors.js";
import type { App } from "./app.js";
import { unreadableTarget } from "./request_target.js";
import { bareHeaders } from "./security_headers.js";
import type { ServerContext } from "./server_context.js";

/** Body of every error answer (RFC 9457, application/problem+json). */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: one of docs/reference/errors.md. */
  readonly code: string;
}

export const problemContentType = "application/problem+json; charset=utf-8";

/** Errors that fastify raises itself, by their code. */
const fastifyErrorCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_VALIDATION: "request_invalid",
  FST_ERR_CTP_INVALID_JSON_BODY: "request_invalid",
  FST_ERR_CTP_EMPTY_JSON_BODY: "request_invalid",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "request_invalid",
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "content_type_refused",
  FST_ERR_CTP_EMPTY_TYPE: "content_type_refused",
};

/** Makes the body of an error answer. */
export function toProblem(code: string, detail: string): ProblemDetails {
  const meaning = isErrorCode(code) ? errorCodes[code] : errorCodes.internal;
  return {
    type: `urn:auditql:error:${code}`,
    title: meaning.meaning,
    status: meaning.status,
    detail,
    code,
  };
}

/** Answers every error, and every unknown route, with a Problem; refusals are counted by code. */
export function answerProblems(app: App, context: ServerContext): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === "internal") context.logger.error({ err: error, url: request.url });
    countRefusal(context, problem.code);
    reply.status(problem.status).type(problemContentType);
    if (problem.status === 429 || problem.status === 503) reply.header("retry-after", "1");
    return reply.send(problem);
  });
  app.setNotFoundHandler((request) => {
    if (request.url === unreadableTarget) {
      throw new AuditqlError("request_malformed", "The target of the request is not a valid path.");
    }
    throw new AuditqlError("route_missing", `No route ${request.method} ${pathOf(request.url)}`);
  });
}

/** Answers an error of fastify's that comes before any hook and any handler of ours. */
export function answerFrameworkError(
  context: ServerContext,
  error: FastifyError,
  response: ServerResponse,
): void {
  context.logger.debug({ err: error });
  const problem = toProblem("request_malformed", "The target of the request is not a valid path.");
  countRefusal(context, problem.code);
  response
    .writeHead(problem.status, { ...bareHeaders, "content-type": problemContentType })
    .end(JSON.stringify(problem));
}

/** Counts a refused request in `auditql_health`, by error code. */
export function countRefusal(context: ServerContext, code: string): void {
  context.counter({ stage: "serve", name: "http", metric: "dropped", reason: code }).add();
}

function problemOf(error: FastifyError): ProblemDetails {
  if (error instanceof AuditqlError) return toProblem(error.code, error.message);
  const known = fastifyErrorCodes[error.code];
  if (known !== undefined) return toProblem(known, error.message);
  // The message of a defect may tell what no client should know; the log has it.
  return toProblem("internal", "See the daemon's log.");
}

function pathOf(url: string): string {
  return url.split("?", 1)[0]?.slice(0, 200) ?? "";
}
