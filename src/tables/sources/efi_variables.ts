import type { Host } from "../host.js";

/** Vendors of variables (UEFI specification, 3.3 and 32.6.1). */
export const EFI_GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
export const EFI_SECURITY_DATABASE = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/** Where efivarfs shows a variable. */
export function efiVariablePath(name: string, vendor: string): string {
  return `/sys/firmware/efi/efivars/${name}-${vendor}`;
}

const ATTRIBUTE_BYTES = 4;

/** Value of a variable; efivarfs puts its attributes before it. */
export function readEfiVariable(host: Host, name: string, vendor: string): Buffer | null {
  const bytes = host.readFile(efiVariablePath(name, vendor));
  return bytes === null || bytes.length < ATTRIBUTE_BYTES ? null : bytes.subarray(ATTRIBUTE_BYTES);
}

// EFI_CERT_X509_GUID, as its bytes stand in memory.
const X509 = Buffer.from("a159c0a5e494a74a87b5ab155c2bf072", "hex");
const LIST_HEADER_BYTES = 28;
const OWNER_BYTES = 16;

/** Certificates in the lists of signatures that a key variable holds (UEFI, 32.4.1). */
export function* listedCertificates(lists: Buffer): Iterable<Buffer> {
  for (let at = 0; at + LIST_HEADER_BYTES <= lists.length; ) {
    const listSize = lists.readUInt32LE(at + 16);
    const headerSize = lists.readUInt32LE(at + 20);
    const signatureSize = lists.readUInt32LE(at + 24);
    const end = at + listSize;
    if (listSize < LIST_HEADER_BYTES || end > lists.length || signatureSize <= OWNER_BYTES) return;
    if (lists.subarray(at, at + X509.length).equals(X509)) {
      const first = at + LIST_HEADER_BYTES + headerSize;
      for (let next = first; next + signatureSize <= end; next += signatureSize) {
        yield lists.subarray(next + OWNER_BYTES, next + signatureSize);
      }
    }
    at = end;
  }
}
