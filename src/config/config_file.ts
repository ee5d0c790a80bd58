import { isUtf8 } from "node:buffer";
import { fileReason } from "../util/file_reason.js";
import type { ShapeSource } from "./check_shape.js";
import { isTooLarge, stripConfigText, withoutByteOrderMark } from "./config_text.js";
import type { Diagnostic, Position } from "./diagnostic.js";
import { isObject, type JsonObject, JsonSyntaxError, parseJson } from "./json_document.js";
import { readUserFile } from "./user_file.js";

/** A configuration file or pack file that parsed to an object. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly value: JsonObject;
  readonly source: ShapeSource;
}

export interface ConfigFileOptions {
  readonly severity: Diagnostic["severity"];
  /** Where the path of the file stands; null where it stands in no file. */
  readonly namedAt: Position | null;
  report(problem: Diagnostic): void;
}

/** With its comments; without them it may have 4 MiB, as in osquery. */
const maxBytes = 16 * 2 ** 20;

/** Reads one file; null after reporting why it cannot be used. */
export function readConfigFile(path: string, options: ConfigFileOptions): ConfigFile | null {
  let bytes: Buffer;
  try {
    bytes = readUserFile(path, { maxBytes });
  } catch (error) {
    const message = `cannot read ${path}: ${fileReason(error)}.`;
    options.report({ severity: options.severity, message, position: options.namedAt });
    return null;
  }
  const text = withoutByteOrderMark(bytes.toString("utf8"));
  if (!isUtf8(bytes)) {
    const line = text.slice(0, text.indexOf("\uFFFD")).split("\n").length;
    const message = "contains invalid UTF-8, replaced with U+FFFD. Save it as UTF-8.";
    options.report({ severity: "warning", message, position: { file: path, line, column: 1 } });
  }
  return parseConfigFile(path, text, options);
}

/** Parses the text of one file; null after reporting why it cannot be used. */
function parseConfigFile(
  path: string,
  text: string,
  options: ConfigFileOptions,
): ConfigFile | null {
  const stripped = stripConfigText(path, text);
  const refuse = (message: string, offset: number) => {
    options.report({ severity: options.severity, message, position: stripped.position(offset) });
    return null;
  };
  if (isTooLarge(stripped)) return refuse("larger than 4 MiB; split it into packs.", 0);
  try {
    const document = parseJson(stripped.text);
    if (!isObject(document.value)) return refuse("must be a JSON object: { ... }.", 0);
    const source: ShapeSource = {
      path: [],
      positionOf: (keys) => stripped.position(document.offsetOf(keys)),
      report: options.report,
    };
    for (const { key, offset } of document.repeatedKeys) {
      const message = `duplicate key "${key}"; the first is used.`;
      options.report({ severity: "warning", message, position: stripped.position(offset) });
    }
    return { path, text, value: document.value, source };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return refuse(`${error.message}.`, error.offset);
    throw error;
  }
}
