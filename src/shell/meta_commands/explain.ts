import { displayText } from "../../client/display_text.js";
import { readCells } from "../../client/row_cells.js";
import type { ShellSession } from "../shell_session.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

interface Step {
  readonly id: string;
  readonly parent: string;
  readonly detail: string;
}

export const explainCommand = defineMetaCommand({
  name: "explain",
  aliases: ["eqp"],
  operands: "[SQL]",
  completes: "sql",
  description:
    "Show SQLite's plan for a statement without running it; without SQL, for the last one.",
  examples: [".explain select * from process_events where pid = 1 and time > 1700000000"],
  async run(session, _args, rest) {
    const sql = rest === "" ? session.lastSql : rest.replace(/;\s*$/, "");
    if (sql === null) throw wrongUse(".explain SQL");
    const steps = await stepsOf(session, sql);
    await session.print(`QUERY PLAN\n${draw(steps, "0", "")}`);
  },
});

async function stepsOf(session: ShellSession, sql: string): Promise<readonly Step[]> {
  const { rows } = await session.ask(`explain query plan ${sql}`);
  return rows.map((row) => {
    const cells = readCells(row);
    const text = (name: string) => cells.find((cell) => cell.name === name)?.text ?? "";
    return { id: text("id"), parent: text("parent"), detail: displayText(text("detail")) };
  });
}

/** The steps below one, as sqlite3 draws them. https://www.sqlite.org/eqp.html */
function draw(steps: readonly Step[], parent: string, indent: string): string {
  const children = steps.filter((step) => step.parent === parent && step.id !== parent);
  return children
    .map(({ id, detail }, at) => {
      const isLast = at === children.length - 1;
      const below = draw(steps, id, indent + (isLast ? "   " : "|  "));
      return `${indent}${isLast ? "`--" : "|--"}${detail}\n${below}`;
    })
    .join("");
}
