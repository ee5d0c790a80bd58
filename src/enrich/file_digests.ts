import { createHash } from "node:crypto";
import type { HashAlgorithm } from "../config/enrichment_schema.js";
import type { Addon } from "../native/addon.js";

/** Digests of one content, lower-case hex. */
export type Digests = { readonly [Name in HashAlgorithm]?: string };

interface Digesting {
  update(bytes: Uint8Array): unknown;
  hex(): string;
}

/** Names of OpenSSL (openssl-dgst(1)). */
const openSslNames: Readonly<Record<Exclude<HashAlgorithm, "xxh64">, string>> = {
  md5: "md5",
  sha1: "sha1",
  sha256: "sha256",
  sha384: "sha384",
  sha512: "sha512",
  sha512_256: "sha512-256",
  sha3_224: "sha3-224",
  sha3_256: "sha3-256",
  sha3_384: "sha3-384",
  sha3_512: "sha3-512",
  blake2b512: "blake2b512",
};

function startDigest(addon: Pick<Addon, "startXxh64">, name: HashAlgorithm): Digesting {
  if (name === "xxh64") return addon.startXxh64();
  const hash = createHash(openSslNames[name]);
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}

/** Several digests of one content that is read once. */
export class FileDigests {
  readonly #digests: readonly (readonly [HashAlgorithm, Digesting])[];

  constructor(addon: Pick<Addon, "startXxh64">, names: readonly HashAlgorithm[]) {
    this.#digests = names.map((name) => [name, startDigest(addon, name)]);
  }

  update(bytes: Uint8Array): void {
    for (const [, digest] of this.#digests) digest.update(bytes);
  }

  /** To be called once. */
  finish(): Digests {
    return Object.fromEntries(this.#digests.map(([name, digest]) => [name, digest.hex()]));
  }
}
