import { defineMetaCommand } from "./define_meta_command.js";

export const showCommand = defineMetaCommand({
  name: "show",
  aliases: ["summary"],
  operands: "",
  description: "Show the connection and every setting.",
  async run(session) {
    const { settings } = session;
    const lines: readonly (readonly [string, string])[] = [
      ["connection", session.address],
      ["version", session.version],
      ["bail", onOff(settings.isBailOn)],
      ["echo", onOff(settings.isEchoOn)],
      ["headers", onOff(settings.isHeaderShown)],
      ["mode", settings.format.name],
      ["nullvalue", JSON.stringify(settings.nullText)],
      ["output", session.output.path ?? "standard output"],
      ["pager", onOff(settings.isPagerOn)],
      [
        "separator",
        settings.separator === null ? "of the mode" : JSON.stringify(settings.separator),
      ],
      ["timeout", settings.timeoutMs === null ? "of the daemon" : `${settings.timeoutMs} ms`],
      ["timer", onOff(settings.isTimerOn)],
      ["width", settings.columnWidths.join(" ")],
    ];
    await session.print(lines.map(([name, value]) => `${name.padStart(12)}: ${value}\n`).join(""));
  },
});

function onOff(isOn: boolean): string {
  return isOn ? "on" : "off";
}
