import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { test } from "node:test";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import { readTlsFiles } from "../../src/serve/tls.js";
import { startTestServer } from "./running_server.js";
import { makeCertificates, noCertificates } from "./test_certificates.js";

/** Status of the answer and the name in the server's certificate. */
function get(port: number, options: SecureContextOptions & { token: string }) {
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

test("with a certificate the server speaks TLS only, from 1.2 on", {
  skip: noCertificates,
}, async (t) => {
  const pair = makeCertificates(t)("first");
  const server = await startTestServer(t, { tls: readTlsFiles({ ...pair, clientCaPath: null }) });
  const ca = readFileSync(pair.certificatePath);
  assert.deepEqual(await get(server.port, { ca, token: server.token }), {
    status: 200,
    name: "first",
  });
  await assert.rejects(fetch(`http://127.0.0.1:${server.port}/healthz`));
  for (const version of ["TLSv1", "TLSv1.1"] as const) {
    // The security level lets this client try what its library no longer offers by itself.
    const old = { maxVersion: version, minVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
    await assert.rejects(
      get(server.port, { ca, token: server.token, ...old }),
      /alert protocol version/,
    );
  }
});

test("a certificate is replaced without a restart", { skip: noCertificates }, async (t) => {
  const make = makeCertificates(t);
  const [old, renewed] = [make("old"), make("renewed")];
  const server = await startTestServer(t, { tls: readTlsFiles({ ...old, clientCaPath: null }) });
  server.api.replaceCertificate(readTlsFiles({ ...renewed, clientCaPath: null }));
  const ca = readFileSync(renewed.certificatePath);
  assert.equal((await get(server.port, { ca, token: server.token })).name, "renewed");
});

test("a client without a certificate of the configured CA is refused", {
  skip: noCertificates,
}, async (t) => {
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

test("a key that is another's, or readable by others, is refused", {
  skip: noCertificates,
}, (t) => {
  const make = makeCertificates(t);
  const [one, other] = [make("one"), make("other")];
  assert.throws(
    () => readTlsFiles({ ...one, keyPath: other.keyPath, clientCaPath: null }),
    /key values mismatch/,
  );
  chmodSync(one.keyPath, 0o644);
  assert.throws(() => readTlsFiles({ ...one, clientCaPath: null }), /mode 0600/);
});
