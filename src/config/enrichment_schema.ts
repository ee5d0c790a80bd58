import Type from "typebox";

const algorithms = [
  "sha256",
  "md5",
  "sha1",
  "sha384",
  "sha512",
  "sha512_256",
  "sha3_224",
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "blake2b512",
  "xxh64",
] as const;

/** A digest that executed files can be given. */
export type HashAlgorithm = (typeof algorithms)[number];

const absolutePath = (description: string) => Type.String({ pattern: "^/", description });

const kubelet = Type.Object(
  {
    url: Type.String({
      pattern: "^https?://",
      description:
        "URL of the kubelet, for example https://127.0.0.1:10250 or http://127.0.0.1:10255.",
    }),
    token_path: Type.Optional(absolutePath("File of a bearer token with permission to read pods.")),
    ca_path: Type.Optional(
      absolutePath("PEM file of the CA of the kubelet's certificate. Default: the host's CAs."),
    ),
  },
  { description: "Kubelet to query for pods. Default: no kubelet is queried." },
);

/** What is found out about executed files and containers, and what that may cost. */
export const enrichmentSchema = Type.Object(
  {
    hashes: Type.Array(Type.Union(algorithms.map((name) => Type.Literal(name))), {
      default: ["sha256"],
      uniqueItems: true,
      description: "Digests to compute of executed files. When empty, files are not read.",
    }),
    max_file_bytes: Type.Integer({
      minimum: 1,
      default: 512 * 1024 * 1024,
      description: "Maximum size of a file to hash, in bytes.",
    }),
    cpu_percent: Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      default: 25,
      description:
        "Maximum CPU time for hashing and reading package databases, in percent of one CPU.",
    }),
    cache_entries: Type.Integer({
      minimum: 1,
      default: 16384,
      description: "Maximum number of paths with cached digests.",
    }),
    wait_ms: Type.Integer({
      minimum: 0,
      default: 2000,
      description:
        "Time that a scheduled query waits for digests, packages and container names of its newest events, in ms.",
    }),
    packages: Type.Boolean({
      default: true,
      description: "Look up the package that owns an executed file.",
    }),
    containers: Type.Boolean({
      default: true,
      description: "Query container engines and the kubelet for containers.",
    }),
    docker_sockets: Type.Array(Type.String({ pattern: "^/" }), {
      default: ["/var/run/docker.sock", "/run/podman/podman.sock"],
      description: "Unix sockets of engines with Docker's API.",
    }),
    cri_sockets: Type.Array(Type.String({ pattern: "^/" }), {
      default: ["/run/containerd/containerd.sock", "/var/run/crio/crio.sock"],
      description: "Unix sockets of engines with the Kubernetes container runtime interface (CRI).",
    }),
    kubelet: Type.Optional(kubelet),
  },
  { default: {} },
);

/** The `enrichment` key, with every default filled in. */
export type EnrichmentConfig = Type.Static<typeof enrichmentSchema>;
