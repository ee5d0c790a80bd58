import type { OptionValues } from "./define_command.js";

/** Options of the shell that are osqueryi's: what to run, and where. */
export const scriptOptions = {
  A: { type: "string", short: "A", value: "TABLE", description: "Select all rows of a table." },
  L: { type: "boolean", short: "L", description: "List the tables." },
  pack: { type: "string", value: "NAME", description: "Run every query of a pack once." },
  query: { type: "string", value: "SQL", description: "Run this SQL; same as the argument SQL." },
  query_file: { type: "string", value: "FILE", description: "Run the statements of a file." },
  output: { type: "string", value: "FILE", description: "Write rows to this file." },
  header: {
    type: "string",
    value: "true|false",
    description: "Show column names. Default: true.",
    choices: ["true", "false"],
  },
  connect: { type: "string", value: "SOCKET|URL", description: "Same as --socket, or --url." },
} as const;

/** What the arguments say is to be run, in its order; empty: nothing, what is typed is. */
export function readScript(
  options: OptionValues<typeof scriptOptions>,
  operands: readonly string[],
): readonly string[] {
  return [
    ...(options.L ? [".tables"] : []),
    ...command(".all", options.A),
    ...command(".pack", options.pack),
    ...(options.query === undefined ? [] : [options.query]),
    ...command(".read", options.query_file),
    ...operands,
  ];
}

function command(name: string, operand: string | undefined): readonly string[] {
  return operand === undefined ? [] : [`${name} ${operand}`];
}
