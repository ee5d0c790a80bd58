import { defineMetaCommand, type MetaCommand } from "./define_meta_command.js";

/** `.help`, over the commands of the list that it stands in itself. */
export function helpOn(list: () => readonly MetaCommand[]): MetaCommand {
  return defineMetaCommand({
    name: "help",
    aliases: [],
    operands: "",
    description: "Show this list.",
    run: (session) => session.print(`${describeAll(list())}\n${usage}`),
  });
}

const usage = `A statement ends with ';' and may take several lines. Ctrl-C cancels a query,
Ctrl-D leaves. Names can be shortened as long as they are clear.
`;

function describeAll(commands: readonly MetaCommand[]): string {
  const heads = commands.map(({ name, operands }) => `.${name} ${operands}`.trimEnd());
  const width = Math.max(...heads.map((head) => head.length));
  return commands
    .map(({ description, aliases }, at) => {
      const also = aliases.length === 0 ? "" : ` Also ${aliases.map((a) => `.${a}`).join(", ")}.`;
      return `${(heads[at] ?? "").padEnd(width)}  ${description}${also}\n`;
    })
    .join("");
}
