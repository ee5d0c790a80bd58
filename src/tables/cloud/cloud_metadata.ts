import type { Host } from "../host.js";
import { hasService, serviceDocument, serviceText } from "../sources/local_service.js";

/** Asks the metadata service of one cloud. */
interface CloudMetadata {
  /** Body of the answer; null when the service does not know the path. */
  text(target: string): string | null;
  /** The same as JSON. */
  document(target: string): unknown;
}

/** Null when the firmware does not say that the host is of that cloud. */
export function cloudMetadata(host: Host, cloud: "azure" | "ec2" | "yandex"): CloudMetadata | null {
  if (!hasService(host, cloud)) return null;
  return {
    text: (target) => serviceText(host, cloud, target),
    document: (target) => serviceDocument(host, cloud, target),
  };
}
