import type { TableRequest } from "../../native/connection.js";
import { textsEqualTo } from "../constraints.js";
import type { Host } from "../host.js";
import { entriesOf, listAt, memberOf, textAt } from "../sources/json_file.js";
import { serviceDocument } from "../sources/local_service.js";

const containerIdPattern = /^[0-9a-f]{1,64}$/i;

/** Answer of Docker's Engine API; null without Docker, and for what it does not know. */
export function dockerGet(host: Host, target: string): unknown {
  return serviceDocument(host, "docker", target);
}

/** Ids that a query asks for; null when any would do. What is no id names nothing. */
export function requestedIds(request: TableRequest): readonly string[] | null {
  return textsEqualTo(request, "id")?.filter((id) => containerIdPattern.test(id)) ?? null;
}

/** An id without the name of its hash; cut to what the query asked for, because Docker takes the
 * beginning of an id for the id. */
export function shownId(id: string | null, asked: readonly string[] | null): string {
  const hex = (id ?? "").replace(/^sha256:/, "");
  return asked?.find((prefix) => hex.startsWith(prefix.toLowerCase())) ?? hex;
}

function filtered(target: string, column: string, values: readonly string[] | null): string {
  if (values === null) return target;
  const filters = JSON.stringify({ [column]: values });
  return `${target}${target.includes("?") ? "&" : "?"}filters=${encodeURIComponent(filters)}`;
}

interface Found {
  readonly id: string;
  readonly value: unknown;
}

function* withIds(list: unknown, asked: readonly string[] | null): Iterable<Found> {
  for (const value of Array.isArray(list) ? list : []) {
    yield { id: shownId(textAt(value, "Id"), asked), value };
  }
}

/** Containers that a query asks for, stopped ones too. */
export function* fetchContainers(request: TableRequest, host: Host): Iterable<Found> {
  const asked = requestedIds(request);
  if (asked?.length === 0) return;
  yield* withIds(dockerGet(host, filtered("/containers/json?all=1", "id", asked)), asked);
}

export function* fetchNetworks(request: TableRequest, host: Host): Iterable<Found> {
  const asked = requestedIds(request);
  if (asked?.length === 0) return;
  yield* withIds(dockerGet(host, filtered("/networks", "id", asked)), asked);
}

export function* fetchVolumes(request: TableRequest, host: Host): Iterable<unknown> {
  const asked = textsEqualTo(request, "name");
  yield* listAt(dockerGet(host, filtered("/volumes", "name", asked)), "Volumes");
}

/** Images that a query asks for; the API has no filter for their ids. */
export function* fetchImages(request: TableRequest, host: Host): Iterable<Found> {
  const asked = requestedIds(request);
  for (const found of withIds(dockerGet(host, "/images/json"), asked)) {
    if (asked === null || asked.includes(found.id)) yield found;
  }
}

interface DockerLabel {
  readonly key: string;
  readonly value: string | null;
}

export function* labelsOf(value: unknown): Iterable<DockerLabel> {
  for (const [key, label] of entriesOf(memberOf(value, "Labels"))) {
    yield { key, value: textAt(label) };
  }
}
