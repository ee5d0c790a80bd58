// Answers are Docker 24's, shortened.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { table } from "./independent_source.js";
import { pick } from "./made_up_host.js";
import { jsonServer, SocketServer } from "./socket_server.js";
import { equals, hostWith, rowsOf } from "./table_rows.js";

const containerId = "4f2d8a1b".repeat(8);
const image = "a1b2c3d4".repeat(8);

const container = {
  Id: containerId,
  Names: ["/web"],
  Image: "nginx:1.25",
  ImageID: `sha256:${image}`,
  Command: "nginx -g 'daemon off;'",
  Created: 1_700_000_000,
  Ports: [
    { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
    { PrivatePort: 443, Type: "tcp" },
  ],
  Labels: { "com.example.team": "blue", empty: "" },
  State: "exited",
  Status: "Exited (0) 2 hours ago",
  NetworkSettings: {
    Networks: { bridge: { NetworkID: "n1", IPAddress: "172.17.0.2", IPPrefixLen: 16 } },
  },
  Mounts: [{ Type: "bind", Source: "/", Destination: "/host", Mode: "ro", RW: false }],
};

const details = {
  Path: "nginx",
  State: { Status: "exited", Pid: 0, StartedAt: "2023-11-14T22:13:20Z", FinishedAt: "later" },
  Config: { Env: ["PATH=/bin", "EMPTY=", "A=b=c"], Entrypoint: ["/entry", "x"] },
  HostConfig: { Privileged: true, SecurityOpt: ["label=disable"], ReadonlyRootfs: false },
};

const stats = {
  name: "/web",
  read: "2023-11-14T22:13:21.5Z",
  preread: "2023-11-14T22:13:20.25Z",
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: "read", value: 10 },
      { op: "Read", value: 5 },
      { op: "write", value: 7 },
    ],
  },
  cpu_stats: { cpu_usage: { total_usage: 9 }, online_cpus: 4 },
  memory_stats: { usage: 2048, limit: 4096, stats: { inactive_file: 12 } },
  networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
};

const byId = (id: string) => `filters=${JSON.stringify({ id: [id] })}`;

const answers: Readonly<Record<string, unknown>> = {
  "/containers/json?all=1": [container],
  [`/containers/json?all=1&${byId(containerId)}`]: [container],
  [`/containers/json?all=1&${byId("4F2D")}`]: [container],
  [`/containers/${containerId}/json`]: details,
  [`/containers/${containerId}/changes`]: [
    { Path: "/etc/passwd", Kind: 0 },
    { Path: "/tmp/new", Kind: 1 },
    { Path: "/gone", Kind: 2 },
  ],
  [`/containers/${containerId}/stats?stream=false`]: stats,
  "/images/json": [{ Id: `sha256:${image}`, Created: 1, Size: 2, RepoTags: ["a:1", "a:2"] }],
  [`/images/${image}/history`]: [
    { Created: 5, Size: 6, CreatedBy: "RUN x", Tags: null, Comment: "c" },
  ],
  [`/images/${image}/json`]: { RootFS: { Layers: ["sha256:aa", "sha256:bb"] } },
  "/volumes": {
    Volumes: [{ Name: "v", Driver: "local", Mountpoint: "/m", Labels: { k: "1" }, Options: null }],
  },
  "/version": { Version: "24.0.7", Os: "linux" },
};

let server: SocketServer;
before(async () => {
  server = await jsonServer(answers);
});
after(() => server.stop());

const ask = (name: string, ...constraints: Parameters<typeof equals>[]) => {
  const host = hostWith({ osquery_flags: [{ name: "docker_socket", value: server.path }] });
  const asked = constraints.map((constraint) => equals(...constraint));
  return rowsOf(table(name), asked, host);
};

test("docker_containers shows a stopped container with its details", () => {
  const rows = ask("docker_containers");
  assert.deepEqual(
    pick(rows, "id", "name", "image_id", "state", "pid", "privileged", "config_entrypoint"),
    [[containerId, "/web", image, "exited", 0, 1, "/entry, x"]],
  );
  assert.deepEqual(pick(rows, "finished_at", "env_variables", "pid_namespace"), [
    ["later", "PATH=/bin, EMPTY=, A=b=c", null],
  ]);
});

test("an id may be cut short, in any case, and is shown as it was asked for", () => {
  assert.deepEqual(pick(ask("docker_containers", ["id", "4F2D"]), "id", "name"), [
    ["4F2D", "/web"],
  ]);
  assert.deepEqual(ask("docker_containers", ["id", "../../secrets"]), []);
});

test("what containers have is listed by container", () => {
  assert.deepEqual(pick(ask("docker_container_mounts"), "id", "source", "destination", "rw"), [
    [containerId, "/", "/host", 0],
  ]);
  assert.deepEqual(pick(ask("docker_container_ports"), "type", "port", "host_ip", "host_port"), [
    ["tcp", 80, "0.0.0.0", 8080],
    ["tcp", 443, null, 0],
  ]);
  assert.deepEqual(pick(ask("docker_container_envs"), "key", "value"), [
    ["PATH", "/bin"],
    ["EMPTY", ""],
    ["A", "b=c"],
  ]);
  assert.deepEqual(pick(ask("docker_container_labels"), "key", "value"), [
    ["com.example.team", "blue"],
    ["empty", ""],
  ]);
  assert.deepEqual(pick(ask("docker_container_networks"), "name", "ip_address"), [
    ["bridge", "172.17.0.2"],
  ]);
  assert.deepEqual(
    pick(ask("docker_container_fs_changes", ["id", containerId]), "path", "change_type"),
    [
      ["/etc/passwd", "C"],
      ["/tmp/new", "A"],
      ["/gone", "D"],
    ],
  );
});

test("docker_container_stats adds up devices and interfaces", () => {
  const columns = "read interval disk_read disk_write cpu_total_usage online_cpus memory_limit";
  assert.deepEqual(
    pick(
      ask("docker_container_stats", ["id", containerId]),
      ...columns.split(" "),
      "network_rx_bytes",
    ),
    [[1_700_000_001n, 1_250_000_000n, 15, 7, 9, 4, 4096, 11]],
  );
});

test("images, volumes and versions are listed", () => {
  assert.deepEqual(pick(ask("docker_images"), "id", "tags"), [[image, "a:1,a:2"]]);
  assert.deepEqual(pick(ask("docker_image_history", ["id", image]), "created_by", "tags"), [
    ["RUN x", ""],
  ]);
  assert.deepEqual(pick(ask("docker_image_layers"), "layer_id", "layer_order"), [
    ["aa", 1],
    ["bb", 2],
  ]);
  assert.deepEqual(pick(ask("docker_volumes"), "name", "type"), [["v", null]]);
  assert.deepEqual(pick(ask("docker_volume_labels"), "name", "key"), [["v", "k"]]);
  assert.deepEqual(pick(ask("docker_version"), "version", "os"), [["24.0.7", "linux"]]);
});

test("what Docker does not know gives no rows", () => {
  assert.deepEqual(ask("docker_info"), []);
  assert.deepEqual(ask("docker_networks"), []);
  assert.deepEqual(ask("docker_container_stats", ["id", "abc"]), []);
});

test("a server that is no web server gives no rows", async () => {
  const odd = await SocketServer.start(
    `require("node:net").createServer((socket) => socket.end("hello")).listen(process.argv[1], () => console.log("ready"));`,
  );
  try {
    const host = hostWith({ osquery_flags: [{ name: "docker_socket", value: odd.path }] });
    assert.deepEqual(rowsOf(table("docker_images"), [], host), []);
  } finally {
    odd.stop();
  }
});
