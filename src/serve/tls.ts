import {
  createSecureContext,
  type SecureContextOptions,
  type TlsOptions as ServerOptions,
} from "node:tls";
import { readUserFile } from "../config/user_file.js";
import { AuditqlError, messageOf } from "../errors.js";
import { fileReason } from "../util/file_reason.js";
import { readSecretFile } from "./auth/secret_file.js";
import type { ServerLimits, TlsOptions } from "./server_context.js";

/** Paths of PEM files. */
export interface TlsFiles {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly clientCaPath: string | null;
}

const maxKeyBytes = 64 * 1024;

/** Reads certificate and key, and makes sure that they belong together. */
export function readTlsFiles(files: TlsFiles): TlsOptions {
  try {
    const tls = {
      certificate: readPem(files.certificatePath),
      key: Buffer.from(
        readSecretFile(files.keyPath, { maxBytes: maxKeyBytes, remedy: "Use chmod 600." }),
      ),
      clientCa: files.clientCaPath === null ? null : readPem(files.clientCaPath),
    };
    createSecureContext(contextOptions(tls));
    return tls;
  } catch (cause) {
    throw new AuditqlError("tls_broken", messageOf(cause), { cause });
  }
}

/** A bundle of all public CAs has a quarter of this. */
const maxPemBytes = 2 ** 20;

function readPem(path: string): Buffer {
  try {
    return readUserFile(path, { maxBytes: maxPemBytes });
  } catch (cause) {
    throw new Error(`cannot read ${path}: ${fileReason(cause)}`, { cause });
  }
}

/** What a TLS server takes of it, now and when certificates are replaced (setSecureContext). */
export function contextOptions({ certificate, key, clientCa }: TlsOptions): SecureContextOptions {
  return {
    cert: certificate,
    key,
    minVersion: "TLSv1.2",
    ...(clientCa === null ? {} : { ca: clientCa }),
  };
}

export function secureOptions(tls: TlsOptions, limits: ServerLimits): ServerOptions {
  return {
    ...contextOptions(tls),
    handshakeTimeout: limits.headersTimeoutMs,
    requestCert: tls.clientCa !== null,
    rejectUnauthorized: tls.clientCa !== null,
  };
}
