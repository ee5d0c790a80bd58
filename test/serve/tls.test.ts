import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { readTlsFiles } from "../../src/serve/tls.js";
import { startTestServer } from "./running_server.js";

const skip =
  spawnSync("openssl", ["version"]).error === undefined
    ? false
    : "needs openssl (apt install openssl)";

interface Pair {
  readonly certificatePath: string;
  readonly keyPath: string;
}

function makeCertificates(t: TestContext): (name: string) => Pair {
  const directory = mkdtempSync(join(tmpdir(), "auditql-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return (name) => {
    const pair = {
      certificatePath: join(directory, `${name}.pem`),
      keyPath: join(directory, `${name}.key`),
    };
    const made = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
      ...["-out", pair.certificatePath, "-keyout", pair.keyPath],
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    return pair;
  };
}

/** Status of the answer and the name in the server's certificate. */
function get(port: number, options: { ca: Buffer; cert?: Buffer; key?: Buffer; token: string }) {
  return new Promise<{ status: number | undefined; name: string }>((resolve, reject) => {
    const { token, ...tls } = options;
    const sent = request(
      {
        ...tls,
        host: "127.0.0.1",
        port,
        path: "/v1/session",
        agent: false,
        headers: { authorization: `Bearer ${token}` },
      },
      (answer) => {
        const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
        answer.resume();
        resolve({ status: answer.statusCode, name: String(subject.CN) });
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

test("with a certificate the server speaks TLS only", { skip }, async (t) => {
  const pair = makeCertificates(t)("first");
  const server = await startTestServer(t, { tls: readTlsFiles({ ...pair, clientCaPath: null }) });
  const ca = readFileSync(pair.certificatePath);
  assert.deepEqual(await get(server.port, { ca, token: server.token }), {
    status: 200,
    name: "first",
  });
  await assert.rejects(fetch(`http://127.0.0.1:${server.port}/healthz`));
});

test("a certificate is replaced without a restart", { skip }, async (t) => {
  const make = makeCertificates(t);
  const [old, renewed] = [make("old"), make("renewed")];
  const server = await startTestServer(t, { tls: readTlsFiles({ ...old, clientCaPath: null }) });
  server.api.replaceCertificate(readTlsFiles({ ...renewed, clientCaPath: null }));
  const ca = readFileSync(renewed.certificatePath);
  assert.equal((await get(server.port, { ca, token: server.token })).name, "renewed");
});

test("a client without a certificate of the configured CA is refused", { skip }, async (t) => {
  const make = makeCertificates(t);
  const [pair, client] = [make("server"), make("client")];
  const tls = readTlsFiles({ ...pair, clientCaPath: client.certificatePath });
  const server = await startTestServer(t, { tls });
  const ca = readFileSync(pair.certificatePath);
  const { token } = server;
  await assert.rejects(get(server.port, { ca, token }));
  const own = { cert: readFileSync(client.certificatePath), key: readFileSync(client.keyPath) };
  assert.equal((await get(server.port, { ca, token, ...own })).status, 200);
});

test("a key that is another's, or readable by others, is refused", { skip }, (t) => {
  const make = makeCertificates(t);
  const [one, other] = [make("one"), make("other")];
  assert.throws(
    () => readTlsFiles({ ...one, keyPath: other.keyPath, clientCaPath: null }),
    /key values mismatch/,
  );
  spawnSync("chmod", ["644", one.keyPath]);
  assert.throws(() => readTlsFiles({ ...one, clientCaPath: null }), /mode 0600/);
});
