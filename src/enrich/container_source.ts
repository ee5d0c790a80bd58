import type { ContainerRequest } from "../native/enrichment_store.js";

/** What a source knows of a container; what it does not know is left out. */
export interface ContainerDetails {
  readonly name?: string;
  readonly image?: string;
  readonly imageId?: string;
  readonly labels?: Labels;
  readonly podUid?: string;
  readonly podName?: string;
  readonly podNamespace?: string;
  readonly podLabels?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** Who can be asked about containers. */
export interface ContainerSource {
  /** Null when it knows nothing of the container; fails when it does not answer. */
  describe(container: ContainerRequest): Promise<ContainerDetails | null>;
}
