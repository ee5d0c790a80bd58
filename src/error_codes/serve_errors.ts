import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the HTTP API. */
export const serveErrors = {
  request_invalid: {
    status: 400,
    exitCode: 2,
    meaning:
      "The request does not match the route's schema, or its parameters do not fit the statement. The message names the field or parameter.",
  },
  request_malformed: {
    status: 400,
    exitCode: 70,
    meaning:
      "The request is not valid HTTP/1.1: the message names the invalid bytes, target or Host header.",
  },
  request_timeout: {
    status: 408,
    exitCode: 75,
    meaning: "The client did not send the complete request before the timeout.",
  },
  token_missing: {
    status: 401,
    exitCode: 77,
    meaning:
      "The request has no bearer token. Send 'Authorization: Bearer TOKEN' with the content of the token file, or use the unix socket.",
  },
  token_wrong: {
    status: 401,
    exitCode: 77,
    meaning: "The bearer token is invalid. Reload it from the token file.",
  },
  token_file_insecure: {
    status: 500,
    exitCode: 78,
    meaning:
      "The token file is not a regular file owned by the daemon's user with mode 0600. Remove it; the next start creates a new one.",
  },
  token_file_failed: {
    status: 500,
    exitCode: 74,
    meaning: "Cannot read or write the token file. The message names the file and the cause.",
  },
  token_list_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "Cannot read the file of additional tokens; all of them are rejected. The message names the line; docs/deploy/security.md shows the format.",
  },
  role_refused: {
    status: 403,
    exitCode: 77,
    meaning: "The token's role does not permit this request. Use a token with the role admin.",
  },
  peer_refused: {
    status: 403,
    exitCode: 77,
    meaning:
      "The unix socket does not accept this user. Add the user to auditql.http.socket_users, run as root, or use a token over TCP.",
  },
  sign_in_refused: {
    status: 401,
    exitCode: 77,
    meaning:
      "The sign-in link was already used or has expired, or the token is invalid. Request a new link.",
  },
  too_many_requests: {
    status: 429,
    exitCode: 75,
    meaning: "Rate limit exceeded for requests or failed authentications. Retry in a minute.",
  },
  too_many_tails: {
    status: 429,
    exitCode: 75,
    meaning:
      "The limit of concurrent event streams is reached, in total or for this caller (half of it). Retry when one ends.",
  },
  tail_refused: {
    status: 400,
    exitCode: 2,
    meaning:
      "Only a SELECT from one event table can be followed. The message says what the query reads.",
  },
  process_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No stored event has this process_uuid. Its events may have expired.",
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
      "Cannot use the certificate, its private key, or the CA of clients. The message names the cause.",
  },
  host_refused: {
    status: 421,
    exitCode: 77,
    meaning:
      "The Host header names neither a loopback address nor a configured name. This check prevents DNS rebinding.",
  },
  origin_refused: {
    status: 403,
    exitCode: 77,
    meaning:
      "A page of another site sent the request. The API accepts requests from its own origin only.",
  },
  content_type_refused: {
    status: 415,
    exitCode: 2,
    meaning:
      "The body is not application/json, or has a Content-Encoding. No other body is accepted.",
  },
  body_too_large: {
    status: 413,
    exitCode: 2,
    meaning: "The request body exceeds the server's limit. Default: 256 KiB.",
  },
  headers_too_large: {
    status: 431,
    exitCode: 2,
    meaning: "The request headers exceed the server's limit of 16 KiB.",
  },
  route_missing: {
    status: 404,
    exitCode: 2,
    meaning: "No such route. docs/reference/http.md lists all routes.",
  },
  table_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No such table. GET /v1/tables lists all tables.",
  },
  query_missing: {
    status: 404,
    exitCode: 1,
    meaning: "No running query has this id. GET /v1/queries lists them.",
  },
  too_many_queries: {
    status: 503,
    exitCode: 75,
    meaning:
      "The queue of ad-hoc queries is full, or this query waited in it longer than http.query_wait_ms. Retry after the seconds in Retry-After, or raise http.waiting_queries or http.query_wait_ms.",
  },
  result_truncated: {
    status: 422,
    exitCode: 1,
    meaning:
      "A default limit truncated a CSV result. Set the limit in the request, or request JSON.",
  },
  port_in_use: {
    status: 500,
    exitCode: 75,
    meaning:
      "Another process listens on the address. Stop that process, or configure another port.",
  },
  socket_in_use: {
    status: 500,
    exitCode: 75,
    meaning:
      "Another daemon listens on the unix socket. Stop that daemon, or configure another path.",
  },
  bind_refused: {
    status: 500,
    exitCode: 78,
    meaning:
      "The address is not a loopback address. Read docs/deploy/security.md, then allow remote clients explicitly in the configuration.",
  },
  listen_failed: {
    status: 500,
    exitCode: 74,
    meaning: "Cannot listen on the address. The message names the cause.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
