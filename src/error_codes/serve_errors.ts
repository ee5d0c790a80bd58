import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the HTTP API. */
export const serveErrors = {
  request_invalid: {
    status: 400,
    exitCode: 2,
    meaning: "The request is not what the route expects. The message names the field.",
  },
  request_malformed: {
    status: 400,
    exitCode: 70,
    meaning:
      "The request is not valid HTTP/1.1: its bytes, its target, or its Host header. The message says which.",
  },
  request_timeout: {
    status: 408,
    exitCode: 75,
    meaning: "The request did not arrive whole in time. Send it at once.",
  },
  token_missing: {
    status: 401,
    exitCode: 77,
    meaning:
      "The request carries no bearer token. Send 'Authorization: Bearer TOKEN' with the content of the token file, or use the unix socket.",
  },
  token_wrong: {
    status: 401,
    exitCode: 77,
    meaning: "The bearer token is not the daemon's. Read the token file again.",
  },
  token_file_insecure: {
    status: 500,
    exitCode: 78,
    meaning:
      "The token file is not a regular file of the daemon's user with mode 0600. Remove it; the next start makes a new one.",
  },
  token_file_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The token file cannot be read or written. The message names the file and the cause.",
  },
  token_list_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The file of further tokens cannot be used, so none of them opens the API. The message names the line; docs/security.md shows the form.",
  },
  role_refused: {
    status: 403,
    exitCode: 77,
    meaning: "The token's role does not allow this. Use one with the role admin.",
  },
  peer_refused: {
    status: 403,
    exitCode: 77,
    meaning:
      "The unix socket is not open to this user. Add the user to http.socket_users, run as root, or use a token on TCP.",
  },
  sign_in_refused: {
    status: 401,
    exitCode: 77,
    meaning:
      "The sign-in link was used or has expired, or the token is not one of the daemon's. Ask for another link.",
  },
  too_many_requests: {
    status: 429,
    exitCode: 75,
    meaning: "More requests, or more wrong tokens, in a minute than the server takes. Wait.",
  },
  too_many_tails: {
    status: 429,
    exitCode: 75,
    meaning:
      "As many clients follow events as the server allows, or half as many of this caller. End one, then retry.",
  },
  tail_refused: {
    status: 400,
    exitCode: 2,
    meaning: "Only a SELECT over one event table can be followed. The message says what it reads.",
  },
  process_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No stored event tells of a process of that uuid; it may have expired.",
  },
  page_missing: {
    status: 503,
    exitCode: 70,
    meaning: "The web page is not built. Run npm run build.",
  },
  tls_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The certificate, its key or the CA of clients cannot be used. The message names the cause.",
  },
  host_refused: {
    status: 421,
    exitCode: 77,
    meaning:
      "The Host header names neither a loopback address nor a configured name: a defence against DNS rebinding.",
  },
  origin_refused: {
    status: 403,
    exitCode: 77,
    meaning: "A page of another site sent the request. The API answers its own origin only.",
  },
  content_type_refused: {
    status: 415,
    exitCode: 2,
    meaning:
      "The body is not application/json, or it has a Content-Encoding: no other body is read.",
  },
  body_too_large: {
    status: 413,
    exitCode: 2,
    meaning: "The request body is larger than the server takes (256 KiB unless configured).",
  },
  headers_too_large: {
    status: 431,
    exitCode: 2,
    meaning: "The request headers are larger than the server takes (16 KiB).",
  },
  route_missing: {
    status: 404,
    exitCode: 2,
    meaning: "There is no such route. docs/http.md lists them.",
  },
  table_missing: {
    status: 404,
    exitCode: 1,
    meaning: "There is no table of that name. GET /v1/tables lists them.",
  },
  query_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No query of that id runs. GET /v1/queries lists them.",
  },
  too_many_queries: {
    status: 503,
    exitCode: 75,
    meaning:
      "As many ad-hoc queries wait as the server allows, or this one waited for its turn longer than it may. Try again after the seconds in Retry-After, or raise http.waiting_queries or http.query_wait_ms.",
  },
  result_truncated: {
    status: 422,
    exitCode: 1,
    meaning:
      "A CSV answer was cut short by a limit that the request did not set. Set the limit in the request, or ask for JSON.",
  },
  port_in_use: {
    status: 500,
    exitCode: 75,
    meaning: "Another process listens on the address. Stop it, or configure another port.",
  },
  socket_in_use: {
    status: 500,
    exitCode: 75,
    meaning: "Another daemon answers on the unix socket. Stop it, or configure another path.",
  },
  bind_refused: {
    status: 500,
    exitCode: 78,
    meaning:
      "The address is not a loopback address. Allow remote clients explicitly in the configuration, and read docs/security.md before.",
  },
  listen_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The server cannot listen on the address. The message names the cause.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
