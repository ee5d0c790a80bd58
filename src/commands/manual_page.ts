import { errorCodes } from "../error_codes/all.js";
import type { Command, OptionSpec } from "./define_command.js";
import { exitStatuses } from "./exit_status.js";

const width = 80;
const indent = "    ";

/** The help of one subcommand, laid out as a man page. */
export function manualPage(command: Command): string {
  return [
    section("NAME", [`auditql ${command.name} - ${command.summary}`]),
    section("SYNOPSIS", [synopsis(command)]),
    section("DESCRIPTION", spaced(command.description)),
    section("OPTIONS", optionLines(command)),
    ...(command.flags === undefined ? [] : [section("FLAGS", flagLines(command.flags))]),
    section("EXIT STATUS", statusLines(command)),
    section("EXAMPLES", exampleLines(command)),
  ].join("\n");
}

/** The help of `auditql` itself. */
export function overviewPage(commands: readonly Command[]): string {
  const nameWidth = Math.max(...commands.map((command) => command.name.length));
  return [
    section("NAME", ["auditql - every process and connection of this host as SQL tables"]),
    section("SYNOPSIS", [
      "auditql COMMAND [OPTION]... [ARGUMENT]...",
      "auditql COMMAND --help",
      "auditql --version",
    ]),
    section(
      "COMMANDS",
      commands.map((command) => `${command.name.padEnd(nameWidth)}  ${command.summary}`),
    ),
    section("EXAMPLES", [
      "auditql daemon",
      `auditql query "select time, pid, path, cmdline from process_events limit 5"`,
      "auditql shell",
      "auditql doctor",
    ]),
  ].join("\n");
}

/** docs/reference/cli.md: the exit statuses and the page of every command. */
export function cliDocument(commands: readonly Command[]): string {
  const statuses = Object.entries(exitStatuses).map(([code, text]) => `| ${code} | ${text} |`);
  const pages = commands.map(
    (command) => `## auditql ${command.name}\n\n\`\`\`text\n${manualPage(command)}\`\`\`\n`,
  );
  return [
    "# Command line\n",
    "Generated from the commands; `auditql COMMAND --help` prints the same pages. Errors go to standard error as `auditql: CODE: message`, with the codes of [errors.md](errors.md).\n",
    "## Exit status\n",
    ["| status | meaning |", "|---|---|", ...statuses, ""].join("\n"),
    ...pages,
  ].join("\n");
}

function synopsis(command: Command): string {
  const options = command.hasOwnOptions ? "[--FLAG=VALUE]..." : "[OPTION]...";
  return ["auditql", command.name, options, command.operands].filter(Boolean).join(" ");
}

function optionLines(command: Command): readonly string[] {
  const help = { type: "boolean", description: "Print this page." } as const;
  return [...Object.entries(command.options), ["help", help] as const].flatMap(([name, spec]) => [
    optionHead(name, spec),
    ...wrap(spec.description + choices(spec), width - 2 * indent.length).map(
      (line) => indent + line,
    ),
  ]);
}

/** A flag, then its meaning and what holds where it is not given. */
function flagLines(flags: NonNullable<Command["flags"]>): readonly string[] {
  return flags.flatMap(({ name, kind, default: value, description }) => [
    kind === "boolean" ? `--[no]${name}` : `--${name}=${kind.toUpperCase()}`,
    ...wrap(
      `${description.replace(/\.$/, "")}.${value === "" ? "" : ` Default: ${value}.`}`,
      width - 2 * indent.length,
    ).map((line) => indent + line),
  ]);
}

function optionHead(name: string, spec: OptionSpec): string {
  const value = spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : "";
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  return `${short}--${name}${value}`;
}

function choices(spec: OptionSpec): string {
  return spec.choices === undefined ? "" : ` One of ${spec.choices.join(", ")}.`;
}

function statusLines(command: Command): readonly string[] {
  const codes = [0, 2, ...command.errors.map((code) => errorCodes[code].exitCode)];
  return [...new Set(codes)]
    .sort((a, b) => a - b)
    .flatMap((code) =>
      wrap(exitStatuses[code] ?? "", width - indent.length - 5).map(
        (line, at) => `${(at === 0 ? String(code) : "").padEnd(4)} ${line}`,
      ),
    );
}

function exampleLines(command: Command): readonly string[] {
  return command.examples.flatMap(({ command: line, effect }, at) => [
    ...(at === 0 ? [] : [""]),
    ...wrap(effect, width - indent.length),
    `${indent}${line}`,
  ]);
}

function section(title: string, lines: readonly string[]): string {
  const body = lines.flatMap((line) =>
    line.startsWith(indent) || line.length <= width - indent.length
      ? [line]
      : wrap(line, width - indent.length),
  );
  return `${title}\n${body.map((line) => `${indent}${line}`.trimEnd()).join("\n")}\n`;
}

function spaced(paragraphs: readonly string[]): readonly string[] {
  return paragraphs.flatMap((paragraph, at) => (at === 0 ? [paragraph] : ["", paragraph]));
}

function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
