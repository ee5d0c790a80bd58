import { displayText } from "../client/display_text.js";
import type { CommandIo } from "./define_command.js";

/** How rules are shown. */
export const ruleFormatOption = {
  format: {
    type: "string",
    short: "f",
    value: "FORMAT",
    description:
      "Output format. text: the format of auditctl -l. json: one object per line, with the kernel's bytes in hexadecimal. Default: text.",
    choices: ["text", "json"],
  },
} as const;

interface ShownRule {
  /** Of the file; left out for rules of the kernel. */
  readonly line?: number;
  readonly text: string;
  readonly bytes: Uint8Array | null;
}

export function printRules(
  rules: readonly ShownRule[],
  format: string | undefined,
  io: CommandIo,
): void {
  const lines = rules.map(({ line, text, bytes }) => {
    if (format !== "json") return displayText(text);
    const hex = bytes === null ? null : Buffer.from(bytes).toString("hex");
    return JSON.stringify({ ...(line === undefined ? {} : { line }), rule: text, bytes: hex });
  });
  io.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
