import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { requestedPaths } from "../sources/requested_files.js";
import { certificateRow } from "../sources/x509_certificate.js";

type Row = TableRows["certificates"];

const certificateFolders = ["/etc/ssl/certs", "/usr/lib/ssl/certs", "/etc/pki/tls/certs"];
const pem =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/g;

function* certificatesIn(host: Host, path: string): Iterable<Row> {
  const bytes = host.readFile(path);
  if (bytes === null) return;
  const blocks = bytes.toString("latin1").match(pem);
  for (const block of blocks ?? [bytes]) {
    const row = certificateRow(block, ({ subject, issuer, ca }, fields) => ({
      ...fields,
      subject2: subject.split("\n").join(", "),
      issuer2: issuer.split("\n").join(", "),
      ca: ca ? 1 : 0,
      path,
    }));
    if (row !== null) yield row;
  }
}

/** Files of the query, or of the system's folders, each file once however many names it has. */
function* certificateFiles(host: Host): Iterable<string> {
  const seen = new Set<string>();
  for (const folder of certificateFolders) {
    for (const name of host.list(folder).toSorted()) {
      const path = `${folder}/${name}`;
      const stat = host.stat(path);
      const identity = `${stat?.dev}:${stat?.ino}`;
      if (!stat?.isFile() || seen.has(identity)) continue;
      seen.add(identity);
      yield path;
    }
  }
}

export const certificates = defineTable("certificates", {
  *generate(request, host) {
    const asked = requestedPaths(request, host, "path");
    const from = asked === null ? host : host.asEveryone();
    for (const path of asked ?? certificateFiles(host)) yield* certificatesIn(from, path);
  },
});
