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
      "CA, in PEM, that the daemon's certificate must be of; a self-signed certificate is its own. Default: $AUDITQL_CA_FILE, else the CAs that come with Node.",
  },
  fingerprint: {
    type: "string",
    value: "HEX",
    description:
      "SHA-256 of the daemon's certificate, as 'openssl x509 -fingerprint -sha256' prints it: no other certificate is taken, and this one whatever its name, CA and age. Default: $AUDITQL_FINGERPRINT.",
  },
  "cert-file": {
    type: "string",
    value: "FILE",
    description:
      "Certificate, in PEM, for a daemon that asks for one (http.tls.client_ca_path). Default: $AUDITQL_CERT_FILE.",
  },
  "key-file": {
    type: "string",
    value: "FILE",
    description:
      "Its key, in PEM. Default: $AUDITQL_KEY_FILE, else it is in the file of the certificate.",
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
    `--fingerprint needs the SHA-256 of a certificate, 64 hex digits, not ${JSON.stringify(text)}.`,
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
