import type { Host } from "../host.js";

/** Where dpkg keeps its database unless told otherwise. */
export const dpkgFolder = "/var/lib/dpkg";

/** A paragraph of dpkg's status file (deb-control(5)), by field name in lower case. */
type Paragraph = ReadonlyMap<string, string>;

function parseParagraph(text: string): Paragraph {
  const fields = new Map<string, string>();
  // Lines that begin with a blank continue a field; no table shows those fields.
  for (const [, name = "", value = ""] of text.matchAll(/^([^\s:]+):[ \t]*(.*)$/gm)) {
    fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}

/** Packages that dpkg knows and that are not merely remembered as removed without a trace. */
export function* dpkgPackages(host: Host, folder: string): Iterable<Paragraph> {
  const text = host.readText(`${folder}/status`) ?? "";
  for (const block of text.split(/\n(?:[ \t]*\n)+/)) {
    const paragraph = parseParagraph(block);
    const state = paragraph.get("status");
    if (paragraph.has("package") && state !== undefined && !state.endsWith("not-installed")) {
      yield paragraph;
    }
  }
}
