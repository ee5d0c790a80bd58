import { parseExact } from "./lines.ts";
import { forgetSessionKey, keepSessionKey, sessionKey } from "./session.ts";

/** Body of an error answer (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
}

/** A request that the daemon refused, or that never reached it. */
export class RequestError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** Called when the daemon no longer knows this browser. */
let onSignedOut: () => void = () => {};

export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

/** Sends a request with the session; throws a RequestError unless it succeeds. */
export async function call(path: string, options: Call = {}): Promise<Response> {
  const { method = "GET", body, accept, signal } = options;
  const key = sessionKey();
  const answer = await fetch(path, {
    method,
    headers: {
      ...(key === null ? {} : { "auditql-session-key": key }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(accept === undefined ? {} : { accept }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause;
    throw new RequestError({
      status: 0,
      title: "",
      detail: "The daemon does not answer.",
      code: "",
    });
  });
  if (answer.ok) return answer;
  const problem: Problem = await answer.json();
  if (answer.status === 401 && path !== "/v1/session") {
    forgetSessionKey();
    onSignedOut();
  }
  throw new RequestError(problem);
}

/** The JSON of an answer, in the form that the API describes for the path. */
export async function read<Answer>(path: string, options: Call = {}): Promise<Answer> {
  return parseExact(await (await call(path, options)).text()) as Answer;
}

export interface Caller {
  readonly name: string;
  readonly role: string;
}

export async function signIn(secret: { code: string } | { token: string }): Promise<Caller> {
  const path = "/v1/session";
  const opened = await read<Caller & { key: string }>(path, { method: "POST", body: secret });
  keepSessionKey(opened.key);
  return { name: opened.name, role: opened.role };
}

export async function signOut(): Promise<void> {
  await call("/v1/session", { method: "DELETE" }).catch(() => {});
  forgetSessionKey();
  onSignedOut();
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
