import { defineMetaCommand, type MetaCommand } from "./define_meta_command.js";

/** `.help`, over the commands of the list that it stands in itself. */
export function helpOn(
  list: () => readonly MetaCommand[],
  find: (name: string) => MetaCommand,
): MetaCommand {
  return defineMetaCommand({
    name: "help",
    aliases: [],
    operands: "[COMMAND]",
    completes: "commands",
    description: "Show this list, or all about one command.",
    run: (session, [name]) =>
      name === undefined
        ? session.output.printLong(`${describeAll(list())}\n${usage}`)
        : session.print(describe(find(name.replace(/^\./, "")))),
  });
}

const usage = `A statement ends with ';' and may take several lines. Ctrl-C cancels a query, Ctrl-D leaves.
Names can be shortened as long as they are clear. '.help COMMAND' shows examples.
`;

function describeAll(commands: readonly MetaCommand[]): string {
  const heads = commands.map(headOf);
  const width = Math.max(...heads.map((head) => head.length));
  return commands
    .map((command, at) => `${(heads[at] ?? "").padEnd(width)}  ${summaryOf(command)}\n`)
    .join("");
}

function describe(command: MetaCommand): string {
  const { details, examples = [] } = command;
  const lines = [headOf(command), summaryOf(command)];
  if (details !== undefined) lines.push("", details);
  if (examples.length > 0) lines.push("", ...examples.map((example) => `    ${example}`));
  return `${lines.join("\n")}\n`;
}

function headOf({ name, operands }: MetaCommand): string {
  return `.${name} ${operands}`.trimEnd();
}

function summaryOf({ description, aliases }: MetaCommand): string {
  const also = aliases.map((alias) => `.${alias}`).join(", ");
  return also === "" ? description : `${description} Also ${also}.`;
}
