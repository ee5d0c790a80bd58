import { X509Certificate } from "node:crypto";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { requestedPaths } from "../sources/requested_files.js";

type Row = TableRows["certificates"];

const certificateFolders = ["/etc/ssl/certs", "/usr/lib/ssl/certs", "/etc/pki/tls/certs"];
const pem =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/g;

const plain = (fingerprint: string): string => fingerprint.replaceAll(":", "").toLowerCase();
const seconds = (text: string): string => String(Math.floor(Date.parse(text) / 1000));
const oneLine = (name: string): string => `/${name.split("\n").join("/")}`;

function commonName(name: string): string | null {
  return name.match(/^CN=(.*)$/m)?.[1] ?? null;
}

function certificateRow(certificate: X509Certificate): Row {
  const { subject, issuer, publicKey: key } = certificate;
  const details = key.asymmetricKeyDetails;
  return {
    common_name: commonName(subject),
    subject: oneLine(subject),
    subject2: subject.split("\n").join(", "),
    issuer: oneLine(issuer),
    issuer2: issuer.split("\n").join(", "),
    ca: certificate.ca ? 1 : 0,
    self_signed: certificate.checkIssued(certificate) ? 1 : 0,
    not_valid_before: seconds(certificate.validFrom),
    not_valid_after: seconds(certificate.validTo),
    key_algorithm: key.asymmetricKeyType ?? null,
    key_strength: String(details?.modulusLength ?? details?.namedCurve ?? ""),
    sha1: plain(certificate.fingerprint),
    serial: certificate.serialNumber,
  };
}

/** Null for bytes that OpenSSL does not take for a certificate. */
function parse(bytes: string | Buffer): Row | null {
  try {
    return certificateRow(new X509Certificate(bytes));
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function* certificatesIn(host: Host, path: string): Iterable<Row> {
  const bytes = host.readFile(path);
  if (bytes === null) return;
  const blocks = bytes.toString("latin1").match(pem);
  for (const block of blocks ?? [bytes]) {
    const row = parse(block);
    if (row !== null) yield { ...row, path };
  }
}

/** Files of the query, or of the system's folders, each file once however many names it has. */
function* certificateFiles(host: Host): Iterable<string> {
  const seen = new Set<string>();
  for (const folder of certificateFolders) {
    for (const name of host.list(folder).toSorted()) {
      const path = `${folder}/${name}`;
      const stat = host.stat(path);
      const identity = `${stat?.dev}:${stat?.ino}`;
      if (!stat?.isFile() || seen.has(identity)) continue;
      seen.add(identity);
      yield path;
    }
  }
}

export const certificates = defineTable("certificates", {
  *generate(request, host) {
    const asked = requestedPaths(request, host, "path");
    const from = asked === null ? host : host.asEveryone();
    for (const path of asked ?? certificateFiles(host)) yield* certificatesIn(from, path);
  },
});
