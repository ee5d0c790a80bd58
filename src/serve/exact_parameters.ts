import { randomBytes } from "node:crypto";
import { AuditqlError } from "../errors.js";
import type { SqlParameter, SqlParameters } from "../native/connection.js";

/** Strings and numbers of a text that is known to be JSON (RFC 8259). */
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

type Given = readonly (string | number | null)[] | Readonly<Record<string, string | number | null>>;

/**
 * `parameters` of a request as SQLite would read them: JSON.parse() rounds integers beyond 2^53, and
 * takes 1e3 and 1.0 for integers. `json` is the text of the request. Throws `request_invalid` for an
 * integer beyond 64 bits.
 */
export function exactParameters(given: Given, json: string): SqlParameters {
  if (!Object.values(given).some((value) => typeof value === "number")) return given;
  // What no client can know stands in front of each number.
  const mark = randomBytes(16).toString("hex");
  const marked = json.replace(token, (each) => (each.startsWith('"') ? each : `"${mark}${each}"`));
  const { parameters }: { readonly parameters: Given } = JSON.parse(marked);
  const exact = (value: string | number | null): SqlParameter =>
    typeof value === "string" && value.startsWith(mark)
      ? numberOf(value.slice(mark.length))
      : value;
  return isList(parameters)
    ? parameters.map(exact)
    : Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, exact(value)]));
}

const isList = (given: Given): given is Extract<Given, readonly unknown[]> => Array.isArray(given);

function numberOf(text: string): SqlParameter {
  if (/[.eE]/.test(text)) return { real: Number(text) };
  const integer = BigInt(text);
  if (integer === BigInt.asIntN(64, integer)) return integer;
  throw new AuditqlError(
    "request_invalid",
    `The parameter ${text.slice(0, 40)} exceeds 64 bits. Send it as a string, or as a real number: ${text.slice(0, 40)}.0`,
  );
}
