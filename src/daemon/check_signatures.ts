import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { Addon } from "../native/addon.js";
import { fileReason } from "../util/file_reason.js";
import { readSignatures } from "./publish_options.js";

const soundRules = "rule sound { condition: true }";

/** Which files of YARA rules cannot be read or do not compile: nothing is scanned with them. */
export function checkSignatures({ publish }: Config, addon: Addon): readonly StageProblem[] {
  const files = new Set(publish.fileEvents?.signatures.flatMap((each) => each.files));
  const { compileYaraRules } = addon.tableSources;
  const canCompile = files.size > 0 && compileYaraRules(soundRules) !== null;
  return [...files].flatMap((file) => {
    const reason = reasonOf(file, (text) => !canCompile || compileYaraRules(text) !== null);
    if (reason === null) return [];
    return [
      {
        severity: "skip",
        code: "yara_rules_unusable",
        keys: ["yara", "signatures"],
        message: `yara.signatures: ${file} ${reason}.`,
      },
    ];
  });
}

function reasonOf(file: string, compiles: (text: string) => boolean): string | null {
  try {
    return compiles(readSignatures(file)) ? null : "holds rules that do not compile";
  } catch (error) {
    return `cannot be read: ${fileReason(error)}`;
  }
}
