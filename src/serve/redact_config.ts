import type { Config } from "../config/config.js";
import { pathName, redacted, secretName } from "../config/secret_names.js";

/** The configuration without what opens other doors: credentials in the options of loggers, which
 * may be of any plugin, in flags, and in addresses. */
export function redactConfig(config: Config): unknown {
  // `settings` and `sections` are what the rest was made of, or what no daemon reads.
  const { settings: _, sections: __, ...rest } = config;
  return redact(rest, "");
}

function redact(value: unknown, name: string): unknown {
  if (secretName.test(name) && !pathName.test(name)) return isEmpty(value) ? value : redacted;
  if (typeof value === "string") return redactAddress(value);
  if (Array.isArray(value)) return value.map((each) => redact(each, ""));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redact(each, key)]));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || typeof value === "boolean";
}

/** User, password and query of a URL: the places where credentials are put. */
function redactAddress(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${redacted}@`)
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?]+)\?\S+/gi, `$1?${redacted}`);
}
