import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { Addon } from "../native/addon.js";
import { fileReason } from "../util/file_reason.js";
import { readSignatures } from "./publish_options.js";

const soundRules = "rule sound { condition: true }";

/**
 * Which files of YARA rules cannot be read or do not compile: nothing is scanned with them. A
 * warning for one that nothing would be scanned with anyway.
 */
export function checkSignatures(
  { publish, sections }: Pick<Config, "publish" | "sections">,
  addon: Pick<Addon, "tableSources">,
): readonly StageProblem[] {
  const keys = new Map<string, readonly string[]>();
  for (const [group, files] of Object.entries(sections.yara?.signatures ?? {})) {
    for (const file of files) keys.set(file, ["yara", "signatures", group, file]);
  }
  const used = new Set(publish.fileEvents?.signatures.flatMap((each) => each.files));
  const { compileYaraRules } = addon.tableSources;
  const canCompile = keys.size > 0 && compileYaraRules(soundRules) !== null;
  return [...keys].flatMap(([file, at]) => {
    const reason = reasonOf(file, (text) => !canCompile || compileYaraRules(text) !== null);
    if (reason === null) return [];
    const unused = used.has(file) ? "" : " No file is scanned with it.";
    return [
      {
        severity: used.has(file) ? "skip" : "warning",
        code: "yara_rules_unusable",
        keys: at,
        message: `yara.signatures: ${file} ${reason}.${unused}`,
      },
    ];
  });
}

function reasonOf(file: string, compiles: (text: string) => boolean): string | null {
  try {
    return compiles(readSignatures(file)) ? null : "contains rules that do not compile";
  } catch (error) {
    return `cannot be read: ${fileReason(error)}`;
  }
}
