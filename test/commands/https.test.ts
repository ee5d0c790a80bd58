import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readTlsFiles } from "../../src/serve/tls.js";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { startTestServer } from "../serve/running_server.js";
import {
  type CertificateFiles,
  makeCertificates,
  noCertificates,
} from "../serve/test_certificates.js";
import { runAuditql } from "./command_run.js";

const skip = noCertificates;
if (skip) console.log(`skipped: commands over HTTPS (${skip})`);

const fingerprintOf = ({ certificatePath }: CertificateFiles) =>
  new X509Certificate(readFileSync(certificatePath)).fingerprint256;

/** A server that speaks TLS, and its certificate. */
async function startSecure(t: TestContext) {
  const make = makeCertificates(t);
  const pair = make("server");
  const tls = readTlsFiles({ ...pair, clientCaPath: null });
  const server = await startTestServer(t, { tls });
  const url = `https://127.0.0.1:${server.port}`;
  const query = (options: readonly string[], at = url) =>
    runAuditql([
      ...["query", "--url", at, "--token-file", server.tokenPath, ...options],
      ...["-f", "csv", "select 1 as a"],
    ]);
  return { server, url, pair, make, query };
}

test("a daemon whose CA is named is asked over TLS", { skip }, async (t) => {
  const { query, pair } = await startSecure(t);
  const run = await query(["--ca-file", pair.certificatePath]);
  assert.deepEqual(run, { status: 0, stdout: "a\n1\n", stderr: "" });
});

test("a certificate that nobody vouches for is refused before the token is sent, and named", {
  skip,
}, async (t) => {
  const { query, pair, make, server } = await startSecure(t);
  const refused = await query([]);
  assert.equal(refused.status, 77);
  assert.match(refused.stderr, /tls_refused: .*DEPTH_ZERO_SELF_SIGNED_CERT/);
  const shown = /sha256:([0-9a-f]{64})/.exec(refused.stderr)?.[1];
  assert.equal(shown, fingerprintOf(pair).replaceAll(":", "").toLowerCase());
  const other = await query(["--ca-file", make("other").certificatePath]);
  assert.match(other.stderr, /tls_refused/);
  const named = await query(
    ["--ca-file", pair.certificatePath],
    `https://localhost:${server.port}`,
  );
  assert.match(named.stderr, /tls_refused: .*ERR_TLS_CERT_ALTNAME_INVALID/);
  assert.equal(server.count("http", "seen"), 0);
});

test("a fingerprint takes one certificate and no other, in each form that openssl prints", {
  skip,
}, async (t) => {
  const { query, pair, make, server } = await startSecure(t);
  const fingerprint = fingerprintOf(pair);
  const forms = [
    fingerprint,
    `sha256 Fingerprint=${fingerprint}`,
    `sha256:${fingerprint.replaceAll(":", "").toLowerCase()}`,
  ];
  for (const form of forms) assert.equal((await query(["--fingerprint", form])).stdout, "a\n1\n");
  const seen = server.count("http", "seen");
  const other = fingerprintOf(make("other"));
  const refused = await query(["--fingerprint", other, "--ca-file", pair.certificatePath]);
  assert.equal(refused.status, 77);
  assert.match(refused.stderr, /tls_refused/);
  assert.equal(server.count("http", "seen"), seen);
  assert.match((await query(["--fingerprint", "ab:cd"])).stderr, /usage: --fingerprint must be/);
});

test("files that hold no certificate, and URLs of the wrong scheme, are told of", {
  skip,
}, async (t) => {
  const { query, pair, server } = await startSecure(t);
  assert.match(
    (await query(["--ca-file", "/nowhere"])).stderr,
    /file_unreadable: \/nowhere: no such file/,
  );
  assert.match(
    (await query(["--cert-file", pair.keyPath, "--key-file", pair.keyPath])).stderr,
    /tls_broken/,
  );
  const plain = await startTestServer(t);
  assert.match((await query([], `https://127.0.0.1:${plain.port}`)).stderr, /tls_refused/);
  const overHttp = await query([], `http://127.0.0.1:${server.port}`);
  assert.match(overHttp.stderr, /answer_cut_off: .*use an https:/);
  const remote = await runAuditql(["query", "--url", "https://db.example:9177", "select 1"]);
  assert.match(remote.stderr, /usage: Missing --token-file/);
});

test("a daemon that asks for client certificates is asked with one, by query and shell, and not without", {
  skip,
}, async (t) => {
  const make = makeCertificates(t);
  const [pair, own, other] = [make("daemon"), make("client"), make("stranger")];
  const home = new DaemonHome();
  const tls = {
    certificate_path: pair.certificatePath,
    key_path: pair.keyPath,
    client_ca_path: own.certificatePath,
  };
  const daemon = await DaemonProcess.start(home, {
    config: {
      auditql: {
        state_path: home.statePath,
        http: { port: 0, tls },
        capture: { backend: "none" },
      },
    },
  });
  t.after(async () => {
    await daemon.kill();
    home.remove();
  });
  const port = /port (\d+)/.exec(daemon.stderr)?.[1];
  const url = `https://127.0.0.1:${port}`;
  const token = ["--token-file", join(home.statePath, "token")];
  const trust = ["--ca-file", pair.certificatePath, ...token];
  const show = ({ certificatePath, keyPath }: CertificateFiles) => [
    ...["--cert-file", certificatePath, "--key-file", keyPath],
  ];
  const query = (options: readonly string[]) =>
    runAuditql(["query", "--url", url, ...trust, ...options, "-f", "csv", "select 2 as b"]);
  assert.equal((await query(show(own))).stdout, "b\n2\n");
  const without = await query([]);
  assert.equal(without.status, 77);
  assert.match(without.stderr, /tls_refused: .*client certificate: no certificate was given/);
  assert.match(
    (await query(show(other))).stderr,
    /tls_refused: .*client certificate: the given certificate is not issued by the expected CA/,
  );
  const shell = await runAuditql(
    ["shell", "--socket", home.socketPath, ...trust, ...show(own), "-f", "csv"],
    `.connect ${url}\nselect 3 as c;\n`,
  );
  assert.match(shell.stdout, new RegExp(`Connected to ${url}\n(.*\n)*c\n3\n`));
});
