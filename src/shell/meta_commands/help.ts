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
    description: "Show this list, or the details of one command.",
    run: (session, [name]) =>
      name === undefined
        ? session.output.printLong(
            `${describeAll(list(), session.output.formatOptions().maxWidth)}\n${usage}`,
          )
        : session.print(describe(find(name.replace(/^\./, "")))),
  });
}

const usage = `A statement ends with ';' and can span several lines. Ctrl-C cancels a query, Ctrl-D exits.
Ctrl-R searches the history; press it again for older lines, or Ctrl-G to cancel the search.
Commands can be abbreviated to an unambiguous prefix. '.help COMMAND' shows examples.
`;

/** Narrower than this, the descriptions are left to be cut. */
const minWidth = 20;

function describeAll(commands: readonly MetaCommand[], maxWidth: number | null): string {
  const heads = commands.map(headOf);
  const indent = Math.max(...heads.map((head) => head.length)) + 2;
  const room = Math.max((maxWidth ?? Number.POSITIVE_INFINITY) - indent, minWidth);
  return commands
    .map((command, at) => {
      const lines = wrapWords(summaryOf(command), room).join(`\n${" ".repeat(indent)}`);
      return `${(heads[at] ?? "").padEnd(indent)}${lines}\n`;
    })
    .join("");
}

function wrapWords(text: string, width: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
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
