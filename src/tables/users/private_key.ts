import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** What can be told of a private key file without its passphrase. */
interface PrivateKeyFacts {
  readonly encrypted: boolean;
  readonly type: string;
  readonly curve: string | null;
  readonly bits: number | null;
}

const opensshKey = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/;
const pemKey = /-----BEGIN ((?:(RSA|DSA|EC) )?(ENCRYPTED )?PRIVATE KEY)-----/;
const magic = "openssh-key-v1\0";

/** Reads length-prefixed strings (RFC 4251, 5); an index beyond the end reads as empty. */
class StringReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    if (this.#at + 4 > this.#bytes.length) return 0;
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): Buffer {
    const length = this.number();
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }
}

const bitLength = (modulus: Buffer): number => {
  const hex = modulus.toString("hex").replace(/^0+/, "");
  return hex === "" ? 0 : BigInt(`0x${hex}`).toString(2).length;
};

/** PROTOCOL.key of OpenSSH: cipher, kdf, options, count, public key. */
function parseOpenSsh(base64: string): PrivateKeyFacts | null {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.subarray(0, magic.length).toString("latin1") !== magic) return null;
  const reader = new StringReader(bytes, magic.length);
  const encrypted = reader.string().toString("latin1") !== "none";
  reader.string();
  reader.string();
  reader.number();
  const key = new StringReader(reader.string(), 0);
  const name = key.string().toString("latin1");
  const curve = name.match(/^ecdsa-sha2-(nistp\d+)$/)?.[1] ?? null;
  if (curve !== null) return { encrypted, type: "ec", curve, bits: Number(curve.slice(5)) };
  if (name === "ssh-rsa") {
    key.string();
    return { encrypted, type: "rsa", curve: null, bits: bitLength(key.string()) };
  }
  const isEd25519 = name === "ssh-ed25519";
  return {
    encrypted,
    type: isEd25519 ? "ed25519" : name,
    curve: null,
    bits: isEd25519 ? 256 : null,
  };
}

function detailsOf(key: KeyObject): Omit<PrivateKeyFacts, "encrypted"> {
  const details = createPublicKey(key).asymmetricKeyDetails;
  return {
    type: key.asymmetricKeyType ?? "unknown",
    curve: details?.namedCurve ?? null,
    bits: details?.modulusLength ?? null,
  };
}

/** Null for a file that holds no private key. */
export function privateKeyFacts(text: string): PrivateKeyFacts | null {
  const openSsh = text.match(opensshKey)?.[1];
  if (openSsh !== undefined) return parseOpenSsh(openSsh);
  const pem = text.match(pemKey);
  if (pem === null) return null;
  const unknown = { type: pem[2]?.toLowerCase() ?? "unknown", curve: null, bits: null };
  if (pem[3] !== undefined || text.includes("Proc-Type: 4,ENCRYPTED")) {
    return { encrypted: true, ...unknown };
  }
  try {
    return { encrypted: false, ...detailsOf(createPrivateKey(text)) };
  } catch (error) {
    // OpenSSL refuses what it cannot parse with an error that carries its code.
    if (error instanceof Error && "code" in error) return { encrypted: false, ...unknown };
    throw error;
  }
}
