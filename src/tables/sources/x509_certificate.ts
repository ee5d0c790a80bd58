import { X509Certificate } from "node:crypto";

/** What tables of certificates show of one. Names are in one line, as `/C=US/CN=name`. */
export interface CertificateFields {
  readonly common_name: string | null;
  readonly subject: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly not_valid_before: string;
  readonly not_valid_after: string;
  readonly sha1: string;
  readonly serial: string;
  readonly self_signed: 0 | 1;
  readonly key_algorithm: string | null;
  /** Bits of the modulus, or the name of the curve. */
  readonly key_strength: string;
}

const seconds = (text: string): string => String(Math.floor(Date.parse(text) / 1000));
const oneLine = (name: string): string => `/${name.split("\n").join("/")}`;

/** The row of a certificate in PEM or DER; null for bytes that OpenSSL does not take for one. */
export function certificateRow<Row>(
  bytes: string | Buffer,
  rowOf: (certificate: X509Certificate, fields: CertificateFields) => Row,
): Row | null {
  try {
    const certificate = new X509Certificate(bytes);
    return rowOf(certificate, fieldsOf(certificate));
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function fieldsOf(certificate: X509Certificate): CertificateFields {
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
    self_signed: certificate.checkIssued(certificate) ? 1 : 0,
    key_algorithm: publicKey.asymmetricKeyType ?? null,
    key_strength: String(details?.modulusLength ?? details?.namedCurve ?? ""),
  };
}
