import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import { callerOf } from "../auth/caller.js";
import { sessionCookie, sessionCookieName } from "../auth/credentials.js";
import type { OpenedSession } from "../auth/sessions.js";
import { ownOrigin } from "../request_guard.js";
import type { ServerContext } from "../server_context.js";
import { defineRoutes } from "./define_routes.js";

const signInBody = Type.Union([
  Type.Object(
    { code: Type.String({ maxLength: 100, description: "Code of a sign-in link." }) },
    { additionalProperties: false },
  ),
  Type.Object({ token: Type.String({ maxLength: 1024 }) }, { additionalProperties: false }),
]);
type SignInBody = Static<typeof signInBody>;

const callerAnswer = Type.Object({ name: Type.String(), role: Type.String() });

const sessionAnswer = Type.Object({
  name: Type.String(),
  role: Type.String(),
  key: Type.String({
    description: "Key to send in the header auditql-session-key, in addition to the cookie.",
  }),
  expiresAt: Type.String({ description: "RFC 3339." }),
});

const linkAnswer = Type.Object({
  path: Type.String({ description: "Path to open below the server's address. It works once." }),
  expiresAt: Type.String({ description: "RFC 3339." }),
});

/** Signing in and out in a browser. */
export const sessionRoutes = defineRoutes({
  name: "session",
  register(app, { context, rateLimits }) {
    app.post(
      "/v1/session",
      {
        config: { isPublic: true },
        schema: {
          summary: "Sign in with the code of a link, or with a token",
          body: signInBody,
          response: { 200: sessionAnswer },
        },
      },
      async (request, reply) => {
        const session = openSession(context, request.body);
        if (session === null) {
          await rateLimits.takeFailure(request);
          throw new AuditqlError(
            "sign_in_refused",
            "The sign-in link or token is invalid or expired.",
          );
        }
        const { holder, key } = session;
        context.logger.info({ event: "sign_in", caller: holder.name, peer: request.ip });
        setCookie(request, reply, session);
        return {
          name: holder.name,
          role: holder.role,
          key,
          expiresAt: new Date(session.expiresAt).toISOString(),
        };
      },
    );
    app.get(
      "/v1/session",
      { schema: { summary: "Who am I?", response: { 200: callerAnswer } } },
      async (request) => ({ ...callerOf(request) }),
    );
    app.delete(
      "/v1/session",
      { schema: { summary: "Sign out", response: { 204: Type.Null() } } },
      async (request, reply) => {
        const id = sessionCookie(request);
        if (id !== null) context.sessions.close(id);
        reply.header("set-cookie", `${sessionCookieName}=; Path=/; Max-Age=0`);
        return reply.status(204).send(null);
      },
    );
    app.post(
      "/v1/session/links",
      {
        config: { role: "admin" },
        schema: { summary: "Create a one-time sign-in link", response: { 200: linkAnswer } },
      },
      async () => {
        const { code, expiresAt } = context.sessions.createLink();
        return { path: signInPath(code), expiresAt: new Date(expiresAt).toISOString() };
      },
    );
  },
});

/** In the fragment, which browsers send to no server, log or referrer. */
export function signInPath(code: string): string {
  return `/#sign-in=${code}`;
}

function openSession(context: ServerContext, body: SignInBody): OpenedSession | null {
  if ("code" in body) return context.sessions.redeemLink(body.code);
  const holder = context.tokens.verify(body.token);
  return holder === null ? null : context.sessions.open(holder);
}

function setCookie(request: FastifyRequest, reply: FastifyReply, session: OpenedSession): void {
  const secure = ownOrigin(request).startsWith("https:") ? "; Secure" : "";
  reply.header(
    "set-cookie",
    `${sessionCookieName}=${session.id}; Path=/; HttpOnly; SameSite=Strict${secure}`,
  );
}
