import type { ContainerDetails, ContainerSource } from "./container_source.js";
import { podOf } from "./docker_source.js";
import { callGrpc } from "./grpc_call.js";
import type { ProtobufFields, ProtobufMessage } from "./protobuf_message.js";

// Numbers of fields in kubernetes/cri-api, pkg/apis/runtime/v1/api.proto.
const containerStatus = { metadata: 2, image: 8, imageRef: 9, labels: 12 };
const podSandbox = { metadata: 2, labels: 5 };
const podMetadata = { name: 1, uid: 2, namespace: 3 };
const podUidLabel = "io.kubernetes.pod.uid";

type Call = (method: string, message: ProtobufFields) => Promise<ProtobufMessage | null>;

/** Kubernetes' container runtime interface, which containerd and CRI-O serve. */
export function criSource(socketPath: string, timeoutMs: number): ContainerSource {
  const call: Call = (method, message) =>
    callGrpc({
      socketPath,
      method: `/runtime.v1.RuntimeService/${method}`,
      message,
      timeoutMs,
    });
  return {
    async describe({ id, podUid }) {
      const container = await describeContainer(call, id);
      const uid = container?.podUid ?? podUid;
      // The container that holds a pod's namespaces is known as its sandbox only.
      const pod = await describePod(
        call,
        uid === ""
          ? [[1, id]]
          : [
              [
                3,
                [
                  [1, podUidLabel],
                  [2, uid],
                ],
              ],
            ],
      );
      return container === null && pod === null ? null : { ...container, ...pod };
    },
  };
}

async function describeContainer(call: Call, id: string): Promise<ContainerDetails | null> {
  const answer = await call("ContainerStatus", [[1, id]]);
  if (answer === null) return null;
  const status = answer.message(1);
  const labels = status.texts(containerStatus.labels);
  return {
    ...podOf(labels),
    name: status.message(containerStatus.metadata).text(1),
    image: status.message(containerStatus.image).text(1),
    imageId: status.text(containerStatus.imageRef),
    labels,
  };
}

async function describePod(call: Call, filter: ProtobufFields): Promise<ContainerDetails | null> {
  const answer = await call("ListPodSandbox", [[1, filter]]);
  const pod = answer?.messages(1).at(0);
  if (pod === undefined) return null;
  const metadata = pod.message(podSandbox.metadata);
  return {
    podUid: metadata.text(podMetadata.uid),
    podName: metadata.text(podMetadata.name),
    podNamespace: metadata.text(podMetadata.namespace),
    podLabels: pod.texts(podSandbox.labels),
  };
}
