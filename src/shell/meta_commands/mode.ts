import { allFormats, findFormat, formatNames } from "../../client/formats/all.js";
import { AuditqlError } from "../../errors.js";
import { didYouMean } from "../../util/closest_name.js";
import { defineMetaCommand } from "./define_meta_command.js";

export const modeCommand = defineMetaCommand({
  name: "mode",
  aliases: [],
  operands: "[FORMAT]",
  completes: "formats",
  description: "Set the output format; without an argument, list the formats.",
  async run(session, [name]) {
    if (name === undefined) return session.print(listFormats(session.settings.format.name));
    const format = findFormat(name);
    if (format === undefined) {
      throw new AuditqlError(
        "usage",
        `Unknown format ${name}.${didYouMean(name, formatNames)} Formats: ${allFormats.map((each) => each.name).join(", ")}.`,
      );
    }
    session.settings.format = format;
  },
});

function listFormats(current: string): string {
  return allFormats
    .map(({ name, aliases, description }) => {
      const mark = name === current ? "*" : " ";
      return `${mark} ${[name, ...aliases].join(", ").padEnd(16)} ${description}\n`;
    })
    .join("");
}
