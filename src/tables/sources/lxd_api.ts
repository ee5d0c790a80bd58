import type { Host } from "../host.js";
import { memberOf, stringsAt } from "./json_file.js";
import { serviceDocument } from "./local_service.js";

/** `metadata` of an answer of LXD's REST API; null without LXD, and for what it does not know. */
export function lxdGet(host: Host, target: string): unknown {
  return memberOf(serviceDocument(host, "lxd", target), "metadata") ?? null;
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
