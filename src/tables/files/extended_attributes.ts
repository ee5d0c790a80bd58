import { defineTable } from "../define_table.js";
import { encodePath, shownPath } from "../os_string.js";
import { capabilityText } from "../sources/file_capabilities.js";
import { requestedFiles } from "../sources/requested_files.js";

const printable = /^[\x20-\x7e]*$/;

interface Shown {
  readonly value: string;
  readonly base64: number;
}

/** Text may end with a NUL, as SELinux labels do; all else is in base64. */
function shownValue(key: string, bytes: Buffer): Shown {
  const capabilities = key === "security.capability" ? capabilityText(bytes) : null;
  if (capabilities !== null) return { value: capabilities, base64: 0 };
  const text = bytes.toString("latin1").replace(/\0$/, "");
  return printable.test(text) && bytes.length > 0
    ? { value: text, base64: 0 }
    : { value: bytes.toString("base64"), base64: 1 };
}

export const extendedAttributes = defineTable("extended_attributes", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    for (const { path, directory } of requestedFiles(request, host)) {
      for (const { key, value } of sources.extendedAttributes(encodePath(path))) {
        yield {
          path: shownPath(path),
          directory: shownPath(directory),
          key,
          ...shownValue(key, value),
        };
      }
    }
  },
});
