import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { LRUCache } from "lru-cache";
import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import type { ContainerRequest, FactRow } from "../native/addon.js";
import type { ContainerDetails, ContainerSource, Labels } from "./container_source.js";
import { criSource } from "./cri_source.js";
import { dockerSource } from "./docker_source.js";
import { KubeletSource } from "./kubelet_source.js";

export interface ContainerFactsOptions {
  readonly sources: readonly ContainerSource[];
  readonly cacheEntries: number;
  /** eid of the oldest row of `containers` that is stored. */
  readonly firstEid: () => number;
  /** Gives the eid. */
  readonly store: (row: FactRow) => number;
}

interface Known {
  readonly text: string;
  readonly eid: number;
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
export class ContainerFacts {
  readonly #options: ContainerFactsOptions;
  /** By container id. */
  readonly #known: LRUCache<string, Known>;

  constructor(options: ContainerFactsOptions) {
    this.#options = options;
    this.#known = new LRUCache({ max: options.cacheEntries });
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
    this.#store(request, rowOf(request, details));
    if (asked.some((each) => each.status === "rejected")) return "unanswered";
    return answers.length > 0 ? "described" : "unknown";
  }

  #store({ id, timeNs }: ContainerRequest, row: FactRow): void {
    const { store, firstEid } = this.#options;
    const text = JSON.stringify(row, (key, value) => (key === "container_key" ? null : value));
    const known = this.#known.get(id);
    if (known !== undefined && known.text === text && known.eid >= firstEid()) return;
    this.#known.set(id, { text, eid: store({ ...row, ntime: timeNs }) });
  }
}

const textOrNull = (text: string | undefined) => (text === undefined || text === "" ? null : text);

const labelsText = (labels: Labels | undefined) =>
  labels === undefined || Object.keys(labels).length === 0 ? null : JSON.stringify(labels);

/** Machines of nspawn and LXC have their name for an id. */
const isName = (id: string) => !/^[0-9a-f]{64}$/.test(id);

function rowOf(request: ContainerRequest, details: ContainerDetails): FactRow {
  const { id } = request;
  return {
    container_key: createHash("sha256").update(id).digest().subarray(0, 16),
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
