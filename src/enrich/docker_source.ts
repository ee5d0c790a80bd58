import { entriesOf, memberOf, textAt } from "../tables/sources/json_file.js";
import type { ContainerDetails, ContainerSource, Labels } from "./container_source.js";
import { getJson } from "./http_json.js";

/** Labels of a JSON object; values that are no texts are left out. */
export function labelMap(value: unknown): Labels {
  return Object.fromEntries(
    [...entriesOf(value)].flatMap(([key, label]) => {
      const text = textAt(label);
      return text === null ? [] : [[key, text]];
    }),
  );
}

/** Labels that Docker as Kubernetes' runtime (cri-dockerd) gives, and Podman's of kube play. */
export function podOf(labels: Labels): ContainerDetails {
  const podUid = labels["io.kubernetes.pod.uid"];
  const podName = labels["io.kubernetes.pod.name"];
  const podNamespace = labels["io.kubernetes.pod.namespace"];
  return {
    ...(podUid === undefined ? {} : { podUid }),
    ...(podName === undefined ? {} : { podName }),
    ...(podNamespace === undefined ? {} : { podNamespace }),
  };
}

/** Docker's Engine API behind a socket; Podman serves the same (podman-system-service(1)). */
export function dockerSource(socketPath: string, timeoutMs: number): ContainerSource {
  return {
    async describe({ id }) {
      const target = `/containers/${encodeURIComponent(id)}/json`;
      const url = new URL(target, "http://localhost");
      const found = await getJson({ url, socketPath, timeoutMs });
      if (found === null) return null;
      const labels = labelMap(memberOf(memberOf(found, "Config"), "Labels"));
      return {
        ...podOf(labels),
        name: (textAt(found, "Name") ?? "").replace(/^\//, ""),
        image: textAt(found, "Config", "Image") ?? "",
        imageId: textAt(found, "Image") ?? "",
        labels,
      };
    },
  };
}
