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

/** Whether asking again may be answered otherwise: the daemon is away, busy or in trouble. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof RequestError)) return true;
  const { status } = error.problem;
  return status === 0 || status === 429 || status >= 500;
}

/** Called, with what to say, when the daemon no longer knows this browser. */
let onSignedOut: (message: string | null) => void = () => {};

export function whenSignedOut(handler: (message: string | null) => void): void {
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
      detail: "The daemon does not respond.",
      code: "",
    });
  });
  if (answer.ok) return answer;
  const problem = await readProblem(answer);
  if (answer.status === 401 && path !== "/v1/session") {
    forgetSessionKey();
    onSignedOut("Your session has ended: it expired, or the daemon restarted. Sign in again.");
  }
  throw new RequestError(problem);
}

/** What a proxy, or a daemon in trouble, answers may be no problem body. */
async function readProblem(answer: Response): Promise<Problem> {
  const { status } = answer;
  const body: Partial<Problem> = await answer.json().catch(() => ({}));
  const {
    title = "",
    detail = `The daemon responded with HTTP status ${status}.`,
    code = "",
  } = body;
  return { status, title, detail, code };
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
  onSignedOut(null);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
