import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { certificateRow } from "../sources/x509_certificate.js";

/** Vendors of variables (UEFI specification, 3.3 and 32.6.1). */
const efiGlobal = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const efiSecurityDatabase = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/** Where efivarfs shows a variable. */
function efiVariablePath(name: string, vendor: string): string {
  return `/sys/firmware/efi/efivars/${name}-${vendor}`;
}

const attributeBytes = 4;

/** Value of a variable; efivarfs puts its attributes before it. */
function readEfiVariable(host: Host, name: string, vendor: string): Buffer | null {
  const bytes = host.readFile(efiVariablePath(name, vendor));
  return bytes === null || bytes.length < attributeBytes ? null : bytes.subarray(attributeBytes);
}

// EFI_CERT_X509_GUID, as its bytes stand in memory.
const x509 = Buffer.from("a159c0a5e494a74a87b5ab155c2bf072", "hex");
const listHeaderBytes = 28;
const ownerBytes = 16;

/** Certificates in the lists of signatures that a key variable holds (UEFI, 32.4.1). */
function* listedCertificates(lists: Buffer): Iterable<Buffer> {
  for (let at = 0; at + listHeaderBytes <= lists.length; ) {
    const listSize = lists.readUInt32LE(at + 16);
    const headerSize = lists.readUInt32LE(at + 20);
    const signatureSize = lists.readUInt32LE(at + 24);
    const end = at + listSize;
    if (listSize < listHeaderBytes || end > lists.length || signatureSize <= ownerBytes) return;
    if (lists.subarray(at, at + x509.length).equals(x509)) {
      const first = at + listHeaderBytes + headerSize;
      for (let next = first; next + signatureSize <= end; next += signatureSize) {
        yield lists.subarray(next + ownerBytes, next + signatureSize);
      }
    }
    at = end;
  }
}

/** A variable of one byte; -1 for a value that the specification does not have. */
function flag(host: Host, name: string): number | null {
  const value = readEfiVariable(host, name, efiGlobal)?.[0];
  if (value === undefined) return null;
  return value <= 1 ? value : -1;
}

export const secureboot = defineTable("secureboot", {
  *generate(_request, host) {
    if (!host.stat("/sys/firmware/efi")?.isDirectory()) return;
    yield { secure_boot: flag(host, "SecureBoot"), setup_mode: flag(host, "SetupMode") };
  },
});

const variables = [
  { name: "PK", vendor: efiGlobal, revoked: 0 },
  { name: "KEK", vendor: efiGlobal, revoked: 0 },
  { name: "db", vendor: efiSecurityDatabase, revoked: 0 },
  { name: "dbx", vendor: efiSecurityDatabase, revoked: 1 },
];

export const securebootCertificates = defineTable("secureboot_certificates", {
  *generate(_request, host) {
    for (const { name, vendor, revoked } of variables) {
      const lists = readEfiVariable(host, name, vendor) ?? Buffer.alloc(0);
      for (const bytes of listedCertificates(lists)) {
        const path = efiVariablePath(name, vendor);
        const row = certificateRow(bytes, ({ ca }, fields) => ({
          ...fields,
          is_ca: ca ? 1 : 0,
          revoked,
          path,
        }));
        if (row !== null) yield row;
      }
    }
  },
});
