import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { LRUCache } from "lru-cache";
import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import type { ContainerRequest, EnrichmentRow } from "../native/enrichment_store.js";
import type { ContainerDetails, ContainerSource, Labels } from "./container_source.js";
import { criSource } from "./cri_source.js";
import { dockerSource } from "./docker_source.js";
import { KubeletSource } from "./kubelet_source.js";
import {
  type ContainerColumns,
  containerColumns,
  type StoredContainer,
} from "./stored_container.js";

export interface ContainerEnricherOptions {
  readonly sources: readonly ContainerSource[];
  readonly cacheEntries: number;
  /** eid of the oldest row of `containers` that is stored. */
  readonly firstEid: () => number;
  /** Gives the eid. */
  readonly store: (row: EnrichmentRow) => number;
}

/** Everybody that the configuration says may be asked. */
export function containerSources(
  config: EnrichmentConfig,
  timeoutMs: number,
): readonly ContainerSource[] {
  if (!config.containers) return [];
  return [
    ...config.docker_sockets.map((path) => whilePresent(path, dockerSource(path, timeoutMs))),
    ...config.cri_sockets.map((path) => whilePresent(path, criSource(path, timeoutMs))),
    ...(config.kubelet === undefined ? [] : [new KubeletSource(config.kubelet, timeoutMs)]),
  ];
}

/** Engines come and go; one that is not installed is no failure. */
function whilePresent(path: string, source: ContainerSource): ContainerSource {
  return {
    describe: async (container) => (existsSync(path) ? source.describe(container) : null),
  };
}

/** Finds out what there is to know of a container, and stores it when it is new. */
export class ContainerEnricher {
  readonly #options: ContainerEnricherOptions;
  /** By container id. */
  readonly #known: LRUCache<string, StoredContainer>;

  constructor(options: ContainerEnricherOptions) {
    this.#options = options;
    this.#known = new LRUCache({ max: options.cacheEntries });
  }

  /** Takes over what was stored before the start, oldest first: the same is not stored again. */
  remember(stored: readonly StoredContainer[]): void {
    for (const container of stored)
      this.#known.set(container.columns.container_id ?? "", container);
  }

  /** `unanswered` when somebody who was asked gave no answer: what the others know is stored. */
  async answer(request: ContainerRequest): Promise<"described" | "unknown" | "unanswered"> {
    const asked = await Promise.allSettled(
      this.#options.sources.map((source) => source.describe(request)),
    );
    const answers = asked.flatMap((each) =>
      each.status === "fulfilled" && each.value !== null ? [each.value] : [],
    );
    const details: ContainerDetails = Object.assign({}, ...answers);
    const isUnanswered = asked.some((each) => each.status === "rejected");
    const columns = columnsOf(request, details);
    const known = this.#known.get(request.id)?.columns;
    // An engine that is stopped, or has forgotten a container that ended, does not make it nameless.
    const isPartial = isUnanswered || answers.length === 0;
    this.#store(request, known !== undefined && isPartial ? completed(columns, known) : columns);
    if (isUnanswered) return "unanswered";
    return answers.length > 0 ? "described" : "unknown";
  }

  #store({ id, timeNs }: ContainerRequest, columns: ContainerColumns): void {
    const { store, firstEid } = this.#options;
    const known = this.#known.get(id);
    const isStored = known !== undefined && known.eid >= firstEid();
    if (isStored && isDeepStrictEqual(columns, known.columns)) return;
    const eid = store({ ...columns, container_key: keyOf(id), ntime: timeNs });
    this.#known.set(id, { columns, eid });
  }
}

/** Names the row when events are read. */
const keyOf = (id: string) => createHash("sha256").update(id).digest().subarray(0, 16);

/** What is NULL now as it was known. */
function completed(columns: ContainerColumns, known: ContainerColumns): ContainerColumns {
  const whole = { ...columns };
  for (const column of containerColumns) whole[column] ??= known[column];
  return whole;
}

const textOrNull = (text: string | undefined) => (text === undefined || text === "" ? null : text);

const labelsText = (labels: Labels | undefined) =>
  labels === undefined || Object.keys(labels).length === 0 ? null : JSON.stringify(labels);

/** Machines of nspawn and LXC have their name for an id. */
const isName = (id: string) => !/^[0-9a-f]{64}$/.test(id);

function columnsOf(request: ContainerRequest, details: ContainerDetails): ContainerColumns {
  const { id } = request;
  return {
    container_id: id,
    runtime: textOrNull(request.runtime),
    name: textOrNull(details.name) ?? (isName(id) ? id : null),
    image: textOrNull(details.image),
    image_id: textOrNull(details.imageId),
    labels: labelsText(details.labels),
    pod_uid: textOrNull(details.podUid) ?? textOrNull(request.podUid),
    pod_name: textOrNull(details.podName),
    pod_namespace: textOrNull(details.podNamespace),
    pod_labels: labelsText(details.podLabels),
  };
}
