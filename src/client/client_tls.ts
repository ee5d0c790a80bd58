import { once } from "node:events";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { AuditqlError, errnoOf } from "../errors.js";

/** How a client and a daemon know each other over TLS. */
export interface ClientTls {
  /** CA of the daemon's certificate, in PEM; null: the CAs that come with Node count. */
  readonly ca: Buffer | null;
  /** SHA-256 of the daemon's certificate, 64 lower-case hex digits: takes the place of every other
   * check of it. */
  readonly fingerprint: string | null;
  /** Certificate and key to show, in PEM. */
  readonly own: { readonly certificate: Buffer; readonly key: Buffer } | null;
}

/** Host and port of a URL as sockets take them: IPv6 addresses without brackets. */
export function endpointOf(url: URL): { readonly host: string; readonly port: number } {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(url.port || (url.protocol === "https:" ? 443 : 80)) };
}

/** Connects to a daemon and makes sure that it is the right one: before that, nothing is sent. */
export async function connectTls(
  url: URL,
  tls: ClientTls,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { host, port } = endpointOf(url);
  const socket = connect({
    host,
    port,
    minVersion: "TLSv1.2",
    // Addresses are no server names (RFC 6066, section 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.own === null ? {} : { cert: tls.own.certificate, key: tls.own.key }),
    // What Node found is asked for below: its own refusal could not name the certificate.
    rejectUnauthorized: false,
  });
  const abort = () => void socket.destroy(new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    await once(socket, "secureConnect", { signal });
    checkCertificate(url, tls, socket);
    return socket;
  } catch (error) {
    socket.destroy();
    throw asRefusal(url, tls, error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function checkCertificate(url: URL, { fingerprint }: ClientTls, socket: TLSSocket): void {
  const shown = socket.getPeerCertificate().fingerprint256?.replaceAll(":", "").toLowerCase();
  if (fingerprint !== null) {
    if (shown === fingerprint) return;
    throw refused(`The certificate of ${url.host} is sha256:${shown}, not sha256:${fingerprint}.`);
  }
  if (socket.authorized) return;
  throw refused(
    `The certificate of ${url.host}, sha256:${shown}, is not trusted (${String(socket.authorizationError)}). Give its CA with --ca-file, or its fingerprint with --fingerprint.`,
  );
}

/** An error before the first byte of an answer, as the user is told of it; others are passed on. */
export function asRefusal(url: URL, { own }: ClientTls, error: unknown): unknown {
  const code = errnoOf(error);
  const about =
    own === null
      ? "no certificate was given"
      : "the given certificate is not issued by the expected CA";
  if (/_ALERT_(.*CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    const remedy = "See --cert-file and --key-file.";
    return refused(`${url.host} requires a client certificate: ${about}. ${remedy}`, error);
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    return refused(`TLS handshake with ${url.host} failed (${code}).`, error);
  }
  if (code !== "ECONNRESET" && code !== "EPIPE") return error;
  return refused(
    `${url.host} closed the connection without a response. If it requires a client certificate: ${about}.`,
    error,
  );
}

function refused(message: string, cause?: unknown): AuditqlError {
  return new AuditqlError("tls_refused", message, cause === undefined ? {} : { cause });
}
