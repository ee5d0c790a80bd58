import Type from "typebox";

const nameOrId = (description: string) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0, maximum: 4294967294 })], {
    description,
  });

/** Where the API is served, and to whom. */
export const httpSchema = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: "Whether to serve HTTP." }),
    host: Type.Optional(
      Type.String({ description: "Address to listen on; default: 127.0.0.1. Asks for TCP." }),
    ),
    port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65535,
        description:
          "TCP port; default: 9177. Without host, port and tls only the unix socket is served, and TCP to whoever starts the daemon in a terminal.",
      }),
    ),
    socket_path: Type.Optional(
      Type.String({ description: "Unix socket; default: auditql.sock in state_path." }),
    ),
    socket_group: Type.Optional(
      nameOrId("Group that may open the unix socket (mode 0660); default: nobody else (0600)."),
    ),
    socket_users: Type.Array(nameOrId("Name or uid."), {
      default: [],
      description:
        "Users that may ask over the unix socket, with the role read, besides root and the daemon's own user.",
    }),
    token_path: Type.Optional(
      Type.String({ description: "File of the bearer token; default: token in state_path." }),
    ),
    tokens_path: Type.Optional(
      Type.String({
        description: "File of further tokens, with their roles; default: tokens in state_path.",
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          certificate_path: Type.String({ description: "Certificate chain in PEM." }),
          key_path: Type.String({ description: "Its key in PEM, mode 0600." }),
          client_ca_path: Type.Optional(
            Type.String({ description: "CA in PEM; clients then need a certificate of it." }),
          ),
        },
        { description: "Serves HTTPS on TCP instead of HTTP." },
      ),
    ),
    waiting_queries: Type.Integer({
      minimum: 2,
      default: 2048,
      description: "Ad-hoc queries that wait while eight run; half of them of one caller.",
    }),
    query_wait_ms: Type.Integer({
      minimum: 1,
      default: 30_000,
      description: "Milliseconds that one waits before it is refused.",
    }),
    allowed_hosts: Type.Array(Type.String(), {
      default: [],
      description: "Host headers that are taken besides the address and localhost.",
    }),
  },
  { default: {} },
);
