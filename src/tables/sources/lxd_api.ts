import type { Host } from "../host.js";
import { flagValue } from "./flag_value.js";
import { httpRequest } from "./http_request.js";
import { memberOf, stringsAt } from "./json_file.js";

// The second is where the snap has it.
const SOCKETS = ["/var/lib/lxd/unix.socket", "/var/snap/lxd/common/lxd/unix.socket"];
const TIMEOUT_MS = 10_000;
const OK = 200;

function lxdSocket(host: Host): string | null {
  const configured = flagValue(host, "lxd_socket");
  const paths = configured === null ? SOCKETS : [configured, ...SOCKETS];
  return paths.find((path) => host.stat(path)?.isSocket()) ?? null;
}

/** `metadata` of an answer of LXD's REST API; null without LXD, and for what it does not know. */
export function lxdGet(host: Host, target: string): unknown {
  const sources = host.sources();
  const path = sources === null ? null : lxdSocket(host);
  if (sources === null || path === null) return null;
  const answer = httpRequest(sources, { endpoint: { path }, target, timeoutMs: TIMEOUT_MS });
  if (answer?.status !== OK) return null;
  try {
    return memberOf(JSON.parse(answer.body.toString("utf8")), "metadata") ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

interface LxdObject {
  readonly url: string;
  readonly value: unknown;
}

/** Objects of a collection; names are what the list gives as paths. */
export function* lxdObjects(host: Host, collection: string): Iterable<LxdObject> {
  for (const url of stringsAt(lxdGet(host, collection))) {
    const value = lxdGet(host, url);
    if (value !== null) yield { url, value };
  }
}

/** An instance by its name; LXD calls them containers as well. */
export function lxdInstance(host: Host, name: string): unknown {
  return lxdGet(host, `/1.0/instances/${encodeURIComponent(name)}`);
}
