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
    description: "Output format of the checks. Default: text.",
    choices: ["text", "json"],
  },
  config_path: {
    type: "string",
    value: "FILE",
    description: "Configuration file of the daemon. Default: the file that the daemon uses.",
  },
  ...daemonOptions,
} as const;

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "check this host for what auditql needs",
  operands: "",
  description: [
    "Checks everything that the daemon depends on, changes nothing, and prints a remedy for each problem. It checks the installation, the configuration, the capabilities of this user, the kernel's audit subsystem and its other users, what the eBPF programs need, which capture backend 'auto' selects, and whether a daemon is running. Run it as the daemon's user.",
    "'ok': no action needed. 'limited': auditql runs with reduced function. 'missing': auditql cannot run; the exit status is 1.",
  ],
  options: doctorOptions,
  errors: ["sql_error"],
  examples: [
    { command: "sudo auditql doctor", effect: "Check the host for a daemon that runs as root." },
    {
      command: "auditql doctor -f json | jq '.[] | select(.state == \"missing\")'",
      effect: "Print the missing items, for a script.",
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
