import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import Value from "typebox/value";
import { enrichmentSchema } from "../../src/config/enrichment_schema.js";
import { ContainerEnricher, containerSources } from "../../src/enrich/container_enricher.js";
import { encodeMessage, ProtobufMessage } from "../../src/enrich/protobuf_message.js";
import type { ContainerRequest, EnrichmentRow } from "../../src/native/enrichment_store.js";

const id = "4a1b2c3d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809";
const podUid = "3f2e9c1a-6a1e-4f0b-8c37-3a6c2d1b9e55";
const timeoutMs = 60_000;

const request = (given: Partial<ContainerRequest> = {}): ContainerRequest => ({
  id,
  runtime: "docker",
  podUid: "",
  timeNs: 5n,
  ...given,
});

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "auditql-containers-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function listen(context: TestContext, server: Server, where: string | number) {
  await new Promise<void>((resolve) => {
    if (typeof where === "string") server.listen(where, resolve);
    else server.listen(where, "127.0.0.1", resolve);
  });
  context.after(() => server.close());
}

type Handler = (request: IncomingMessage, answer: ServerResponse) => void;

async function engineAt(context: TestContext, handler: Handler): Promise<string> {
  const path = join(folderOf(context), "docker.sock");
  await listen(context, createServer(handler), path);
  return path;
}

/** Facts about containers as a configuration has them looked up, and what is stored. */
function factsOf(config: Readonly<Record<string, unknown>>) {
  const whole = { docker_sockets: [], cri_sockets: [], ...config };
  const sources = containerSources(
    Value.Parse(enrichmentSchema, Value.Default(enrichmentSchema, whole)),
    timeoutMs,
  );
  const rows: EnrichmentRow[] = [];
  const store = (row: EnrichmentRow) => rows.push(row);
  const facts = new ContainerEnricher({ sources, cacheEntries: 10, firstEid: () => 1, store });
  return { facts, rows };
}

/** Of a container that Docker 24 runs, GET /containers/<id>/json, as far as it is read. */
const inspected = {
  Id: id,
  Name: "/quirky_turing",
  Image: "sha256:9c7a54a9a43cca047013b82af109fe963fde787f63f9e016fdc3384500c2823d",
  State: { Status: "running", Pid: 4242 },
  Config: { Image: "nginx:1.25", Labels: { maintainer: "NGINX", tier: "front" } },
};

test("Docker's API names a container, its image and its labels", async (context) => {
  const asked: (string | undefined)[] = [];
  const socket = await engineAt(context, ({ url }, answer) => {
    asked.push(url);
    answer.setHeader("content-type", "application/json").end(JSON.stringify(inspected));
  });
  const { facts, rows } = factsOf({ docker_sockets: [socket] });
  assert.equal(await facts.answer(request()), "described");
  assert.deepEqual(asked, [`/containers/${id}/json`]);
  assert.equal(rows.length, 1);
  const { container_key: key, ...row } = rows[0] ?? {};
  assert.ok(Buffer.isBuffer(key) && key.length === 16);
  assert.deepEqual(row, {
    container_id: id,
    runtime: "docker",
    name: "quirky_turing",
    image: "nginx:1.25",
    image_id: inspected.Image,
    labels: JSON.stringify(inspected.Config.Labels),
    pod_uid: null,
    pod_name: null,
    pod_namespace: null,
    pod_labels: null,
    ntime: 5n,
  });
});

test("a container is stored again only when more is known of it", async (context) => {
  let isThere = false;
  const socket = await engineAt(context, (_, answer) => {
    answer.statusCode = isThere ? 200 : 404;
    answer.end(JSON.stringify(isThere ? inspected : { message: "No such container" }));
  });
  const { facts, rows } = factsOf({ docker_sockets: [socket] });
  assert.equal(await facts.answer(request()), "unknown");
  assert.equal(await facts.answer(request()), "unknown");
  assert.deepEqual(
    rows.map((row) => row["name"]),
    [null],
  );
  isThere = true;
  await facts.answer(request());
  assert.deepEqual(
    rows.map((row) => row["name"]),
    [null, "quirky_turing"],
  );
});

test("an engine that is broken or absent costs nothing but what it knows", async (context) => {
  const broken = await engineAt(context, (_, answer) => answer.socket?.destroy());
  const wordy = await engineAt(context, (_, answer) => answer.end("no JSON"));
  const { facts, rows } = factsOf({ docker_sockets: [broken, wordy, "/nonexistent/docker.sock"] });
  assert.equal(await facts.answer(request({ podUid })), "unanswered");
  assert.equal(rows[0]?.["runtime"], "docker");
  assert.equal(rows[0]?.["pod_uid"], podUid);
});

test("machines of nspawn and LXC are named by their id", async () => {
  const { facts, rows } = factsOf({});
  await facts.answer(request({ id: "web1", runtime: "lxc" }));
  assert.equal(rows[0]?.["name"], "web1");
});

/** As the kubelet's GET /pods has it. */
const pods = {
  kind: "PodList",
  items: [
    { metadata: { name: "other", namespace: "default", uid: "x" }, status: {} },
    {
      metadata: { name: "web-0", namespace: "shop", uid: podUid, labels: { app: "web" } },
      status: {
        containerStatuses: [
          {
            name: "nginx",
            image: "docker.io/library/nginx:1.25",
            imageID: "docker.io/library/nginx@sha256:aa",
            containerID: `containerd://${id}`,
          },
        ],
      },
    },
  ],
};

test("the kubelet names the pod of a container, asked with its token", async (context) => {
  const folder = folderOf(context);
  const tokens: (string | undefined)[] = [];
  const server = createServer(({ url, headers }, answer) => {
    tokens.push(headers.authorization);
    answer.statusCode = url === "/pods" ? 200 : 500;
    answer.end(JSON.stringify(pods));
  });
  await listen(context, server, 0);
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  writeFileSync(join(folder, "token"), "secret\n");
  const url = `http://127.0.0.1:${address.port}`;
  const { facts, rows } = factsOf({ kubelet: { url, token_path: join(folder, "token") } });
  assert.equal(await facts.answer(request({ runtime: "containerd" })), "described");
  const row = rows[0];
  assert.deepEqual(
    [row?.["name"], row?.["image"], row?.["pod_name"], row?.["pod_namespace"], row?.["pod_labels"]],
    ["nginx", "docker.io/library/nginx:1.25", "web-0", "shop", '{"app":"web"}'],
  );
  // Its sandbox is known by the pod alone, without asking again.
  await facts.answer(request({ id: "00".repeat(32), podUid }));
  assert.equal(rows[1]?.["pod_name"], "web-0");
  assert.deepEqual(tokens, ["Bearer secret"]);
});

/** Answers calls of the runtime service as containerd does. */
function answerCri(stream: ServerHttp2Stream, method: string, asked: ProtobufMessage): void {
  const labels: [number, [number, string][]][] = [
    [
      12,
      [
        [1, "io.kubernetes.pod.uid"],
        [2, podUid],
      ],
    ],
    [
      12,
      [
        [1, "io.kubernetes.pod.name"],
        [2, "web-0"],
      ],
    ],
  ];
  const status = encodeMessage([
    [1, [[1, id], [2, [[1, "nginx"]]], [8, [[1, "nginx:1.25"]]], [9, "sha256:aa"], ...labels]],
  ]);
  const sandbox = encodeMessage([
    [
      1,
      [
        [
          2,
          [
            [1, "web-0"],
            [2, podUid],
            [3, "shop"],
          ],
        ],
        [
          5,
          [
            [1, "app"],
            [2, "web"],
          ],
        ],
      ],
    ],
  ]);
  const isKnown = method.endsWith("/ListPodSandbox") || asked.text(1) === id;
  const body = method.endsWith("/ListPodSandbox") ? sandbox : status;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": isKnown ? "0" : "5" }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  stream.end(isKnown ? Buffer.concat([prefix, body]) : Buffer.alloc(0));
}

test("the container runtime interface names a container and its pod", async (context) => {
  const path = join(folderOf(context), "containerd.sock");
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      const message = new ProtobufMessage(Buffer.concat(parts).subarray(5));
      answerCri(stream, String(headers[":path"]), message);
    });
  });
  await listen(context, server, path);
  const { facts, rows } = factsOf({ cri_sockets: [path] });
  assert.equal(await facts.answer(request({ runtime: "containerd" })), "described");
  const row = rows[0];
  assert.deepEqual(
    [row?.["name"], row?.["image"], row?.["pod_name"], row?.["pod_namespace"], row?.["pod_labels"]],
    ["nginx", "nginx:1.25", "web-0", "shop", '{"app":"web"}'],
  );
  await facts.answer(request({ id: "00".repeat(32), podUid }));
  assert.deepEqual([rows[1]?.["name"], rows[1]?.["pod_name"]], [null, "web-0"]);
});

test("bytes that are no message are refused", () => {
  for (const hex of ["0a05", "ff", "0b", "0affffffffffffffffffff7f"]) {
    assert.throws(() => new ProtobufMessage(Buffer.from(hex, "hex")), RangeError);
  }
  assert.equal(new ProtobufMessage(Buffer.from("0801120261620a0163", "hex")).text(2), "ab");
});
