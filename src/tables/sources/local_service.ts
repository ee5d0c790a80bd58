import type { SocketEndpoint, TableSources } from "../../native/table_sources.js";
import type { Host } from "../host.js";
import { type HttpRequest, type HttpResponse, httpRequest } from "./http_request.js";
import { attribute } from "./text_lines.js";

/** Value of one of osquery's flags, as the daemon was given it. */
function flagValue(host: Host, name: string): string | null {
  const flag = host.daemonRows().osquery_flags?.find((row) => row.name === name);
  return flag?.value ?? flag?.default_value ?? null;
}

// Podman serves Docker's API too (podman-system-service(1)).
const dockerSockets = ["/var/run/docker.sock", "/run/podman/podman.sock"];
// The second is where the snap has it.
const lxdSockets = ["/var/lib/lxd/unix.socket", "/var/snap/lxd/common/lxd/unix.socket"];
// Every cloud serves its metadata at this link-local address (RFC 3927).
const metadataAddress = { address: "169.254.169.254", port: 80 };
const dmiFolder = "/sys/class/dmi/id";

// Statistics take Docker one to two seconds.
const socketTimeoutMs = 10_000;
const metadataTimeoutMs = 1000;
const ok = 200;

interface LocalService {
  /** Null where the host does not have the service, so that no other host ever sends a request. */
  readonly endpoint: (host: Host) => SocketEndpoint | null;
  /** All that tables ask for. Whoever may open the socket may do much more, up to becoming root. */
  readonly targets: readonly RegExp[];
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** A request whose answer is the value of a header of the others. */
  readonly session?: {
    readonly request: Pick<HttpRequest, "method" | "target" | "headers">;
    readonly header: string;
  };
}

function socketOf(flag: string, known: readonly string[]): LocalService["endpoint"] {
  return (host) => {
    const configured = flagValue(host, flag);
    const paths = configured === null ? known : [configured, ...known];
    const path = paths.find((each) => host.stat(each)?.isSocket());
    return path === undefined ? null : { path };
  };
}

function metadataOf(isThere: (host: Host) => boolean): LocalService["endpoint"] {
  return (host) => (isThere(host) ? metadataAddress : null);
}

const filtersPattern = String.raw`filters=[\w%.!'()*~-]+`;

const services = {
  docker: {
    endpoint: socketOf("docker_socket", dockerSockets),
    targets: [
      /^\/(?:info|version|images\/json)$/,
      new RegExp(String.raw`^\/containers\/json\?all=1(?:&${filtersPattern})?$`),
      new RegExp(String.raw`^\/(?:networks|volumes)(?:\?${filtersPattern})?$`),
      /^\/containers\/[0-9a-f]{1,64}\/(?:json|changes|stats\?stream=false|top\?ps_args=[\w%.-]+)$/i,
      /^\/images\/[0-9a-f]{1,64}\/(?:json|history)$/i,
    ],
    headers: {},
    timeoutMs: socketTimeoutMs,
  },
  lxd: {
    endpoint: socketOf("lxd_socket", lxdSockets),
    targets: [
      /^\/1\.0\/(?:certificates|cluster|images|instances|networks|storage-pools)$/,
      // Not `files`, `console` or `logs` of instances.
      /^\/1\.0\/(?:certificates|images|instances|networks|storage-pools|cluster\/members)(?:\/[\w%.!'()*~-]+(?:\/(?:state|resources))?)?(?:\?(?:project|target)=[\w%.-]+)?$/,
    ],
    headers: {},
    timeoutMs: socketTimeoutMs,
  },
  ec2: {
    // Xen instances have no DMI vendor of Amazon, but a UUID that begins with ec2.
    endpoint: metadataOf(
      (host) =>
        attribute(host, `${dmiFolder}/sys_vendor`) === "Amazon EC2" ||
        /^ec2/i.test(attribute(host, "/sys/hypervisor/uuid") ?? ""),
    ),
    // Not `iam/security-credentials`.
    targets: [
      /^\/latest\/dynamic\/instance-identity\/document$/,
      /^\/latest\/meta-data\/(?:iam\/info|instance-id|local-hostname|mac|reservation-id|security-groups)$/,
      /^\/latest\/meta-data\/public-keys\/0\/openssh-key$/,
      /^\/latest\/meta-data\/tags\/instance(?:\/[\w%.!'()*~-]+)?$/,
    ],
    headers: {},
    timeoutMs: metadataTimeoutMs,
    // EC2 gives nothing without a token of a session (IMDSv2), unless set to.
    session: {
      request: {
        method: "PUT",
        target: "/latest/api/token",
        headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" },
      },
      header: "X-aws-ec2-metadata-token",
    },
  },
  azure: {
    // The asset tag that Microsoft documents for its cloud, so that no other Hyper-V counts.
    endpoint: metadataOf(
      (host) =>
        attribute(host, `${dmiFolder}/chassis_asset_tag`) === "7783-7084-3265-9085-8269-3286-77",
    ),
    targets: [/^\/metadata\/instance\/compute\?api-version=[\d-]+$/],
    headers: { Metadata: "true" },
    timeoutMs: metadataTimeoutMs,
  },
  yandex: {
    endpoint: metadataOf((host) => attribute(host, `${dmiFolder}/sys_vendor`) === "Yandex"),
    targets: [/^\/computeMetadata\/v1\/instance\/\?recursive=true$/],
    headers: { "Metadata-Flavor": "Google" },
    timeoutMs: metadataTimeoutMs,
  },
} as const satisfies Readonly<Record<string, LocalService>>;

/** Services of the host or its cloud that tables ask over HTTP. */
export type ServiceName = keyof typeof services;

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(services, name);
}

/** False where the host does not have the service. */
export function hasService(host: Host, name: ServiceName): boolean {
  return services[name].endpoint(host) !== null;
}

/** The requests that get a target: give each its answer with next(). Returns the body of the last;
 * null without the service, for a target that no table asks for, and for any answer but 200. */
export function* exchange(
  host: Host,
  { name, target }: { readonly name: ServiceName; readonly target: string },
): Generator<HttpRequest, string | null, HttpResponse | null> {
  const service: LocalService = services[name];
  const endpoint = service.endpoint(host);
  if (endpoint === null || !service.targets.some((allowed) => allowed.test(target))) return null;
  const { timeoutMs, session } = service;
  let headers = service.headers;
  if (session !== undefined) {
    const token = bodyOf(yield { ...session.request, endpoint, timeoutMs });
    if (token !== null) headers = { ...headers, [session.header]: token };
  }
  return bodyOf(yield { endpoint, target, headers, timeoutMs });
}

function bodyOf(answer: HttpResponse | null): string | null {
  return answer?.status === ok ? answer.body.toString("utf8") : null;
}

function exchangeHere(
  sources: TableSources,
  exchanged: ReturnType<typeof exchange>,
): string | null {
  let step = exchanged.next();
  while (step.done !== true) step = exchanged.next(httpRequest(sources, step.value));
  return step.value;
}

/** Asks a service and waits for its answer, by way of the daemon where this process may not. */
export function serviceText(host: Host, name: ServiceName, target: string): string | null {
  const reads = host.privilegedReads();
  if (reads !== null) return reads.service(name, target);
  const sources = host.sources();
  return sources === null ? null : exchangeHere(sources, exchange(host, { name, target }));
}

/** The same as JSON; null for what is not JSON. */
export function serviceDocument(host: Host, name: ServiceName, target: string): unknown {
  const text = serviceText(host, name, target);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
