import { createSecureContext } from "node:tls";
import type { ClientTls } from "../client/client_tls.js";
import { readUserFile } from "../config/user_file.js";
import { AuditqlError, messageOf } from "../errors.js";
import { fileReason } from "../util/file_reason.js";
import type { CommandIo, OptionValues } from "./define_command.js";

/** Options that say whom to trust, and who one is, where the daemon's URL begins with https. */
export const clientTlsOptions = {
  "ca-file": {
    type: "string",
    value: "FILE",
    description:
      "PEM file of the CA that issued the daemon's certificate, or the self-signed certificate. Default: $AUDITQL_CA_FILE, else Node.js's CAs.",
  },
  fingerprint: {
    type: "string",
    value: "HEX",
    description:
      "SHA-256 fingerprint of the daemon's certificate, as printed by 'openssl x509 -fingerprint -sha256'. Only this certificate is accepted, with any name, CA and validity period. Default: $AUDITQL_FINGERPRINT.",
  },
  "cert-file": {
    type: "string",
    value: "FILE",
    description:
      "PEM file of the client certificate, for a daemon that requires one (auditql.http.tls.client_ca_path). Default: $AUDITQL_CERT_FILE.",
  },
  "key-file": {
    type: "string",
    value: "FILE",
    description:
      "PEM file of the client's private key. Default: $AUDITQL_KEY_FILE, else the certificate file.",
  },
} as const;

/** What the options, and the environment, say of TLS. */
export function readClientTls(
  options: OptionValues<typeof clientTlsOptions>,
  env: CommandIo["env"],
): ClientTls {
  const caFile = options["ca-file"] ?? env["AUDITQL_CA_FILE"];
  const fingerprint = options.fingerprint ?? env["AUDITQL_FINGERPRINT"];
  const certificateFile = options["cert-file"] ?? env["AUDITQL_CERT_FILE"];
  const keyFile = options["key-file"] ?? env["AUDITQL_KEY_FILE"] ?? certificateFile;
  const tls = {
    ca: caFile === undefined ? null : readPem(caFile),
    fingerprint: fingerprint === undefined ? null : parseFingerprint(fingerprint),
    own:
      certificateFile === undefined || keyFile === undefined
        ? null
        : { certificate: readPem(certificateFile), key: readPem(keyFile) },
  };
  check(tls);
  return tls;
}

const maxPemBytes = 2 ** 20;

function readPem(path: string): Buffer {
  try {
    return readUserFile(path, { maxBytes: maxPemBytes, isPipeTaken: true });
  } catch (cause) {
    throw new AuditqlError("file_unreadable", `${path}: ${fileReason(cause)}`, { cause });
  }
}

/** `AA:BB:…` or `aabb…`, with or without `sha256:` or openssl's `sha256 Fingerprint=` before it. */
function parseFingerprint(text: string): string {
  const hex = text.replace(/^sha-?256([ :]|\s*fingerprint=)+/i, "").replaceAll(":", "");
  if (/^[0-9a-f]{64}$/i.test(hex)) return hex.toLowerCase();
  throw new AuditqlError(
    "usage",
    `--fingerprint must be the SHA-256 of a certificate (64 hex digits), not ${JSON.stringify(text)}.`,
  );
}

/** Tells at once of files that hold something else, or do not belong together. */
function check({ ca, own }: ClientTls): void {
  try {
    createSecureContext({
      ...(ca === null ? {} : { ca }),
      ...(own === null ? {} : { cert: own.certificate, key: own.key }),
    });
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AuditqlError("tls_broken", reason, { cause });
  }
}
