import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Why tests that need certificates are skipped; false where they can be made. */
export const noCertificates =
  spawnSync("openssl", ["version"]).error === undefined
    ? false
    : "needs openssl (apt install openssl)";

export interface CertificateFiles {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** Makes self-signed certificates of 127.0.0.1 with the given common name; gone after the test. */
export function makeCertificates(t: TestContext): (name: string) => CertificateFiles {
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
