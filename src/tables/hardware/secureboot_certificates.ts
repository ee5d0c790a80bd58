import { X509Certificate } from "node:crypto";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import {
  efiGlobal,
  efiSecurityDatabase,
  efiVariablePath,
  listedCertificates,
  readEfiVariable,
} from "../sources/efi_variables.js";

const variables = [
  { name: "PK", vendor: efiGlobal, revoked: 0 },
  { name: "KEK", vendor: efiGlobal, revoked: 0 },
  { name: "db", vendor: efiSecurityDatabase, revoked: 0 },
  { name: "dbx", vendor: efiSecurityDatabase, revoked: 1 },
];

type Row = TableRows["secureboot_certificates"];

const seconds = (text: string): string => String(Math.floor(Date.parse(text) / 1000));
const oneLine = (name: string): string => `/${name.split("\n").join("/")}`;

function certificateRow(certificate: X509Certificate): Row {
  const { subject, issuer, publicKey } = certificate;
  const details = publicKey.asymmetricKeyDetails;
  return {
    common_name: subject.match(/^CN=(.*)$/m)?.[1] ?? null,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    not_valid_before: seconds(certificate.validFrom),
    not_valid_after: seconds(certificate.validTo),
    sha1: certificate.fingerprint.replaceAll(":", "").toLowerCase(),
    serial: certificate.serialNumber,
    is_ca: certificate.ca ? 1 : 0,
    self_signed: certificate.checkIssued(certificate) ? 1 : 0,
    key_algorithm: publicKey.asymmetricKeyType ?? null,
    key_strength: String(details?.modulusLength ?? details?.namedCurve ?? ""),
  };
}

/** Null for bytes that OpenSSL does not take for a certificate. */
function parse(bytes: Buffer): Row | null {
  try {
    return certificateRow(new X509Certificate(bytes));
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

export const securebootCertificates = defineTable("secureboot_certificates", {
  *generate(_request, host) {
    for (const { name, vendor, revoked } of variables) {
      const lists = readEfiVariable(host, name, vendor) ?? Buffer.alloc(0);
      for (const bytes of listedCertificates(lists)) {
        const row = parse(bytes);
        if (row !== null) yield { ...row, revoked, path: efiVariablePath(name, vendor) };
      }
    }
  },
});
