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
      description: "Where it answers, e.g. https://127.0.0.1:10250 or http://127.0.0.1:10255.",
    }),
    token_path: Type.Optional(absolutePath("File of a bearer token that may read pods.")),
    ca_path: Type.Optional(
      absolutePath("CA of its certificate in PEM; without one, the host's own CAs count."),
    ),
  },
  { description: "The kubelet to ask about pods; without it none is asked." },
);

/** What is found out about executed files and containers, and what that may cost. */
export const enrichmentSchema = Type.Object(
  {
    hashes: Type.Array(Type.Union(algorithms.map((name) => Type.Literal(name))), {
      default: ["sha256"],
      uniqueItems: true,
      description: "Digests of executed files; none: files are not read.",
    }),
    max_file_bytes: Type.Integer({
      minimum: 1,
      default: 512 * 1024 * 1024,
      description: "Larger files are not hashed.",
    }),
    cpu_percent: Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      default: 25,
      description: "Share of one processor that hashing and reading package databases may take.",
    }),
    cache_entries: Type.Integer({
      minimum: 1,
      default: 16384,
      description: "Paths whose digests are remembered.",
    }),
    wait_ms: Type.Integer({
      minimum: 0,
      default: 2000,
      description:
        "How long a scheduled query that reads digests, packages or container names waits for those of its newest events.",
    }),
    packages: Type.Boolean({
      default: true,
      description: "Whether to look up the package that owns an executed file.",
    }),
    containers: Type.Boolean({
      default: true,
      description: "Whether to ask container engines and the kubelet about containers.",
    }),
    docker_sockets: Type.Array(Type.String({ pattern: "^/" }), {
      default: ["/var/run/docker.sock", "/run/podman/podman.sock"],
      description: "Sockets of engines that speak Docker's API.",
    }),
    cri_sockets: Type.Array(Type.String({ pattern: "^/" }), {
      default: ["/run/containerd/containerd.sock", "/var/run/crio/crio.sock"],
      description: "Sockets of engines that speak Kubernetes' container runtime interface.",
    }),
    kubelet: Type.Optional(kubelet),
  },
  { default: {} },
);

/** The `enrichment` key, with every default filled in. */
export type EnrichmentConfig = Type.Static<typeof enrichmentSchema>;
