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
  readonly clientCaPath?: string | null;
}

const maxKeyBytes = 64 * 1024;

/** A file that cannot be used, by its setting below `auditql.http`. */
export interface TlsFileProblem {
  readonly setting: string;
  readonly error: unknown;
}

/** Reads certificate and key, and makes sure that they belong together. Throws `tls_broken`, whose
 * message names each file that cannot be used. */
export function readTlsFiles(files: TlsFiles): TlsOptions {
  const { tls, problems } = readEach(files);
  try {
    if (problems.length > 0)
      throw new Error(problems.map(({ error }) => messageOf(error)).join("; "));
    createSecureContext(contextOptions(tls));
    return tls;
  } catch (cause) {
    throw new AuditqlError("tls_broken", messageOf(cause), { cause });
  }
}

/** What readTlsFiles() would throw, for each file; of files that do not belong together, for all. */
export function tlsFileProblems(files: TlsFiles): readonly TlsFileProblem[] {
  const { problems } = readEach(files);
  const coded = problems.map(({ setting, error: cause }) => {
    const error = new AuditqlError("tls_broken", messageOf(cause), { cause });
    return { setting, error };
  });
  if (coded.length > 0) return coded;
  try {
    readTlsFiles(files);
    return [];
  } catch (error) {
    return [{ setting: "tls", error }];
  }
}

function readEach({ certificatePath, keyPath, clientCaPath }: TlsFiles): {
  readonly tls: TlsOptions;
  readonly problems: readonly TlsFileProblem[];
} {
  const problems: TlsFileProblem[] = [];
  const attempt = (setting: string, read: () => Buffer): Buffer => {
    try {
      return read();
    } catch (error) {
      problems.push({ setting, error });
      return Buffer.alloc(0);
    }
  };
  const tls = {
    certificate: attempt("tls.certificate_path", () => readPem(certificatePath, "cert")),
    key: attempt("tls.key_path", () => readKey(keyPath)),
    clientCa: clientCaPath
      ? attempt("tls.client_ca_path", () => readPem(clientCaPath, "ca"))
      : null,
  };
  return { tls, problems };
}

function readKey(path: string): Buffer {
  const options = { maxBytes: maxKeyBytes, remedy: "Use chmod 600." };
  return requirePem(path, { key: Buffer.from(readSecretFile(path, options)) }).key;
}

/** A bundle of all public CAs has a quarter of this. */
const maxPemBytes = 2 ** 20;

function readPem(path: string, use: "cert" | "ca"): Buffer {
  let bytes: Buffer;
  try {
    bytes = readUserFile(path, { maxBytes: maxPemBytes });
  } catch (cause) {
    throw new Error(`cannot read ${path}: ${fileReason(cause)}`, { cause });
  }
  requirePem(path, { [use]: bytes });
  return bytes;
}

/** OpenSSL's errors name no file. */
function requirePem<Options extends SecureContextOptions>(path: string, options: Options): Options {
  try {
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new Error(`cannot use ${path}: ${messageOf(cause)}`, { cause });
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
