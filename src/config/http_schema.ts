import Type from "typebox";

const nameOrId = (description: string) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0, maximum: 4294967294 })], {
    description,
  });

/** Where the API is served, and to whom. */
export const httpSchema = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: "Serve the HTTP API." }),
    host: Type.Optional(
      Type.String({
        description: "Address to listen on; setting it enables TCP. Default: 127.0.0.1.",
      }),
    ),
    port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65535,
        description:
          "TCP port. Without host, port and tls, the daemon listens on TCP only when started from a terminal. Default: 9177.",
      }),
    ),
    socket_path: Type.Optional(
      Type.String({
        description: "Unix socket to listen on. Default: auditql.sock in state_path.",
      }),
    ),
    socket_group: Type.Optional(
      nameOrId("Group with access to the unix socket (mode 0660). Default: no group (mode 0600)."),
    ),
    socket_users: Type.Array(nameOrId("User name or uid."), {
      default: [],
      description:
        "Users, in addition to root and the daemon's user, that can use the unix socket, with the role read.",
    }),
    token_path: Type.Optional(
      Type.String({ description: "File of the bearer token. Default: token in state_path." }),
    ),
    tokens_path: Type.Optional(
      Type.String({
        description: "File of additional tokens with their roles. Default: tokens in state_path.",
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          certificate_path: Type.String({ description: "PEM file of the certificate chain." }),
          key_path: Type.String({ description: "PEM file of its private key, mode 0600." }),
          client_ca_path: Type.Optional(
            Type.String({
              description: "PEM file of a CA. If set, clients need a certificate issued by it.",
            }),
          ),
        },
        { description: "Serve HTTPS instead of HTTP on TCP." },
      ),
    ),
    waiting_queries: Type.Integer({
      minimum: 2,
      default: 2048,
      description: "Maximum number of queued ad-hoc queries; a single caller gets at most half.",
    }),
    query_wait_ms: Type.Integer({
      minimum: 1,
      default: 30_000,
      description: "Maximum time in the query queue, in ms.",
    }),
    allowed_hosts: Type.Array(Type.String(), {
      default: [],
      description: "Accepted Host headers, in addition to the address and localhost.",
    }),
  },
  { default: {} },
);
