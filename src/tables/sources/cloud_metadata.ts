import type { TableSources } from "../../native/table_sources.js";
import type { Host } from "../host.js";
import { type HttpRequest, httpRequest } from "./http_request.js";
import { attribute } from "./text_lines.js";

// Every cloud serves its metadata at this link-local address (RFC 3927).
const ADDRESS = "169.254.169.254";
const PORT = 80;
const TIMEOUT_MS = 1000;
const OK = 200;

const DMI = "/sys/class/dmi/id";

const CLOUDS = {
  // Xen instances have no DMI vendor of Amazon, but a UUID that begins with ec2.
  ec2: (host: Host) =>
    attribute(host, `${DMI}/sys_vendor`) === "Amazon EC2" ||
    /^ec2/i.test(attribute(host, "/sys/hypervisor/uuid") ?? ""),
  // The asset tag that Microsoft documents for its cloud, so that no other Hyper-V counts.
  azure: (host: Host) =>
    attribute(host, `${DMI}/chassis_asset_tag`) === "7783-7084-3265-9085-8269-3286-77",
  yandex: (host: Host) => attribute(host, `${DMI}/sys_vendor`) === "Yandex",
} as const;

/** Asks the metadata service of one cloud. */
export interface CloudMetadata {
  /** Body of the answer; null when the service does not know the path. */
  text(target: string): string | null;
}

type MetadataRequest = Pick<HttpRequest, "method" | "target" | "headers">;

function ask(sources: TableSources, request: MetadataRequest): string | null {
  const endpoint = { address: ADDRESS, port: PORT };
  const answer = httpRequest(sources, { ...request, endpoint, timeoutMs: TIMEOUT_MS });
  return answer?.status === OK ? answer.body.toString("utf8") : null;
}

/** EC2 gives nothing without a token of a session (IMDSv2), unless set to. */
function sessionHeaders(sources: TableSources): Record<string, string> {
  const token = ask(sources, {
    method: "PUT",
    target: "/latest/api/token",
    headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" },
  });
  return token === null ? {} : { "X-aws-ec2-metadata-token": token };
}

/** Null when the firmware does not say that the host is of that cloud, so that no other host
 * ever sends a request. */
export function cloudMetadata(host: Host, cloud: keyof typeof CLOUDS): CloudMetadata | null {
  const sources = host.sources();
  if (sources === null || !CLOUDS[cloud](host)) return null;
  const headers =
    cloud === "ec2"
      ? sessionHeaders(sources)
      : cloud === "azure"
        ? { Metadata: "true" }
        : { "Metadata-Flavor": "Google" };
  return { text: (target) => ask(sources, { target, headers }) };
}

/** The same, as JSON. */
export function metadataDocument(metadata: CloudMetadata, target: string): unknown {
  const text = metadata.text(target);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
