import { createDaemonSource } from "../client/daemon_source.js";
import { displayText } from "../client/display_text.js";
import { loadConfig } from "../config/load_config.js";
import { daemonOptions, findDaemon } from "./daemon_options.js";
import { type CommandIo, defineCommand, type OptionValues } from "./define_command.js";
import {
  checkAddon,
  checkCapture,
  checkConfiguration,
  checkDaemon,
  checkHost,
  checkNode,
  checkSqlite,
  checkStateDirectory,
  checkWatches,
  type DoctorCheck,
} from "./doctor_checks.js";

const doctorOptions = {
  format: {
    type: "string",
    short: "f",
    value: "FORMAT",
    description: "How to show the checks. Default: text.",
    choices: ["text", "json"],
  },
  config_path: {
    type: "string",
    value: "FILE",
    description: "Configuration of the daemon. Default: the one that the daemon would use.",
  },
  ...daemonOptions,
} as const;

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "check what auditql needs of this host",
  operands: "",
  description: [
    "Looks at everything that the daemon depends on, changes nothing, and says of each thing that is not in order what to do about it: the installation, the configuration, the capabilities of this user, the audit subsystem of the kernel and who else uses it, and whether a daemon runs. Run it as the user that the daemon runs as.",
    "'ok' needs nothing. 'limited' means that auditql works without it, but could do more. 'missing' means that it cannot do its work; the exit status is 1 then.",
  ],
  options: doctorOptions,
  errors: ["sql_error"],
  examples: [
    { command: "sudo auditql doctor", effect: "Check the host for a daemon that runs as root." },
    {
      command: "auditql doctor -f json | jq '.[] | select(.state == \"missing\")'",
      effect: "What is missing, for a script.",
    },
  ],
  async run({ options, io }) {
    const checks = await allChecks(options, io);
    io.stdout.write(
      options.format === "json" ? `${JSON.stringify(checks, null, 2)}\n` : text(checks),
    );
    return checks.some((check) => check.state === "missing") ? 1 : 0;
  },
});

async function allChecks(
  options: OptionValues<typeof doctorOptions>,
  io: CommandIo,
): Promise<readonly DoctorCheck[]> {
  const path = options.config_path;
  const loaded = loadConfig({ args: path === undefined ? [] : [`--config_path=${path}`] });
  const addon = checkAddon();
  const watches = checkWatches(loaded);
  const source = createDaemonSource(findDaemon(options, io.env));
  const daemon = await checkDaemon(source);
  return [
    checkNode(),
    addon,
    ...(addon.state === "ok" ? [checkSqlite()] : []),
    checkConfiguration(loaded),
    ...(loaded.config === null ? [] : [checkStateDirectory(loaded.config.statePath)]),
    ...(watches === null ? [] : [watches]),
    ...(addon.state === "ok" ? checkHost(daemon.pid) : []),
    daemon.check,
    ...(daemon.pid === null ? [] : await checkCapture(source)),
  ];
}

function text(checks: readonly DoctorCheck[]): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  return checks
    .map(({ name, state, detail, remedy }) => {
      const head = `${state.padEnd(7)}  ${name.padEnd(width)}  ${displayText(detail)}\n`;
      return remedy === "" ? head : `${head}${" ".repeat(width + 11)}→ ${displayText(remedy)}\n`;
    })
    .join("");
}
