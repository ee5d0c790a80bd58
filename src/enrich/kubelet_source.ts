import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import { readUserFile } from "../config/user_file.js";
import { listAt, memberOf, textAt } from "../tables/sources/json_file.js";
import type { ContainerDetails, ContainerSource } from "./container_source.js";
import { labelMap } from "./docker_source.js";
import { getJson } from "./http_json.js";

/** A list of pods is requested again when it lacks one, at most this often. */
const freshMs = 1000;

const maxFileBytes = 2 ** 20;

function readText(path: string): string {
  return readUserFile(path, { maxBytes: maxFileBytes }).toString();
}

/** The kubelet's list of the pods of this host (GET /pods), by container and by pod. */
export class KubeletSource implements ContainerSource {
  readonly #config: NonNullable<EnrichmentConfig["kubelet"]>;
  readonly #timeoutMs: number;
  #pods: readonly unknown[] = [];
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(config: NonNullable<EnrichmentConfig["kubelet"]>, timeoutMs: number) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  async describe(container: {
    readonly id: string;
    readonly podUid: string;
  }): Promise<ContainerDetails | null> {
    const known = this.#find(container);
    if (known !== null || performance.now() - this.#askedAtMs < freshMs) return known;
    this.#askedAtMs = performance.now();
    this.#pods = [...listAt(await this.#ask(), "items")];
    return this.#find(container);
  }

  async #ask(): Promise<unknown> {
    const { url, token_path: tokenPath, ca_path: caPath } = this.#config;
    // Read each time: Kubernetes replaces them while they are in use.
    const token = tokenPath === undefined ? null : readText(tokenPath).trim();
    return getJson({
      url: new URL("/pods", url),
      timeoutMs: this.#timeoutMs,
      ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
      ...(caPath === undefined ? {} : { ca: readText(caPath) }),
    });
  }

  #find({ id, podUid }: { readonly id: string; readonly podUid: string }): ContainerDetails | null {
    for (const pod of this.#pods) {
      const status = statusesOf(pod).find((each) => containerIdOf(each) === id);
      if (status === undefined && (podUid === "" || !hasUid(pod, podUid))) continue;
      const name = textAt(status, "name");
      const image = textAt(status, "image");
      const imageId = textAt(status, "imageID");
      return {
        podUid: textAt(pod, "metadata", "uid") ?? podUid,
        podName: textAt(pod, "metadata", "name") ?? "",
        podNamespace: textAt(pod, "metadata", "namespace") ?? "",
        podLabels: labelMap(memberOf(memberOf(pod, "metadata"), "labels")),
        ...(name === null ? {} : { name }),
        ...(image === null ? {} : { image }),
        ...(imageId === null ? {} : { imageId }),
      };
    }
    return null;
  }
}

function statusesOf(pod: unknown): unknown[] {
  const kinds = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
  return kinds.flatMap((kind) => [...listAt(memberOf(pod, "status"), kind)]);
}

/** `containerd://<id>` */
const containerIdOf = (status: unknown) =>
  (textAt(status, "containerID") ?? "").replace(/^[^/]*:\/\//, "");

/** The cgroup of a static pod has the hash of its manifest, which the annotation repeats. */
function hasUid(pod: unknown, podUid: string): boolean {
  const metadata = memberOf(pod, "metadata");
  const hash = textAt(memberOf(metadata, "annotations"), "kubernetes.io/config.hash");
  return textAt(metadata, "uid") === podUid || hash === podUid;
}
