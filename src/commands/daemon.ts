import { displayLines } from "../client/display_text.js";
import { ConfigSource } from "../config/config_source.js";
import { effectiveFlags } from "../config/flags.js";
import { type LoadedConfig, loadConfig } from "../config/load_config.js";
import { Daemon } from "../daemon/daemon.js";
import { errorCodes } from "../error_codes/all.js";
import { ReadyOutput } from "../log/ready_output.js";
import { type Addon, loadAddon } from "../native/addon.js";
import { checkConfiguration } from "./check_configuration.js";
import { type CommandIo, defineCommand } from "./define_command.js";
import { exitStatusOf } from "./error_exit.js";
import { refuseStray } from "./refuse_stray.js";

/** --config_check, with which packages of osquery test a configuration before they start it. */
async function checkInstead(loaded: LoadedConfig, io: CommandIo): Promise<number> {
  const { ok, text } = await checkConfiguration(loaded);
  (ok ? io.stdout : io.stderr).write(`${displayLines(text)}\n`);
  return ok ? 0 : errorCodes.config_broken.exitCode;
}

export const daemonCommand = defineCommand({
  name: "daemon",
  summary: "capture events, run the schedule, and answer queries",
  operands: "",
  description: [
    "Runs in the foreground until SIGTERM, SIGINT or SIGQUIT. Captures every process and socket call of the host into bounded tables, runs scheduled queries and logs their results, and serves SQL on a unix socket. It also listens on TCP when configured, or when started from a terminal.",
    "Accepts osqueryd's flags as --name=value, for example --flagfile and --config_path. Flags with an effect are listed below; every other osquery flag is accepted, with a warning that says why it has no effect. SIGHUP reloads the configuration and reopens log files.",
    "On a stop signal, the daemon first restores the host's audit settings. It then finishes running work, for at most 10 seconds; a second signal shortens this to 1.5 seconds. Lines that a logger has not written stay in its disk queue for the next start; events that were not logged are read then. If stopping times out, the daemon exits with status 75 and stop_timeout.",
    "By default, root's state is in /var/lib/auditql and its logs in /var/log/auditql; for other users both are below $XDG_STATE_HOME or ~/.local/state. Without the capabilities for capture, the daemon still serves state tables and reports what is missing.",
  ],
  options: {},
  hasOwnOptions: true,
  flags: effectiveFlags(),
  errors: [
    "config_broken",
    "store_locked",
    "store_open_failed",
    "port_in_use",
    "socket_in_use",
    "state_directory_failed",
  ],
  examples: [
    {
      command: "auditql daemon",
      effect: "Run with /etc/auditql/auditql.conf if it exists, else with defaults.",
    },
    {
      command: "auditql daemon --flagfile /etc/osquery/osquery.flags",
      effect: "Run instead of osqueryd.",
    },
  ],
  async run({ operands, io }) {
    refuseStray(operands);
    const loaded = loadConfig({ args: operands });
    if (loaded.config?.flags["config_check"] === "true") return checkInstead(loaded, io);
    const addon = loadAddon();
    const source = new ConfigSource({ args: operands });
    const stderr = io.stderr === process.stderr ? openStderr(addon) : io.stderr;
    const daemon = new Daemon({
      source,
      addon,
      version: io.version,
      stderr,
      // Not for a service manager, whose journal would keep the link.
      isAttended: process.stderr.isTTY === true || process.env["npm_lifecycle_event"] === "start",
    });
    // Before start(): without a handler a signal in the middle of it would end the process.
    const ended = untilEndSignal();
    addon.guardStop(stopGuard);
    // Also where an error that nobody caught ends the process.
    process.on("exit", () => addon.undoAuditChanges());
    process.on("SIGHUP", () => {
      daemon.reload().catch((error) => stderr.write(`auditql: reload failed: ${error}\n`));
    });
    try {
      const started = daemon.start();
      // A start that a signal overtakes fails of it, whenever it gets there.
      started.catch(() => {});
      await Promise.race([started, ended]);
      await ended;
      await daemon.stop();
      addon.endSoon(0);
    } catch (error) {
      addon.endSoon(exitStatusOf(error));
      throw error;
    }
    return 0;
  },
});

/** systemd sends SIGKILL 90 seconds after SIGTERM, others after 10. */
const stopGuard = {
  limitMs: 9500,
  impatientMs: 1500,
  exitMs: 1000,
  status: errorCodes.stop_timeout.exitCode,
  message: `auditql: stop_timeout: ${errorCodes.stop_timeout.meaning}\n`,
};

/** The handlers stay: a second signal without one would end the process by the signal's own action,
 * and leave the host's auditing as capture changed it. The guard of the addon hears it. */
function untilEndSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) process.on(name, () => resolve());
  });
}

const stderrFd = 2;
const maxStderrBytes = 256 * 1024;

/** Nobody waits for a reader of standard error that has stopped. */
function openStderr(addon: Addon): ReadyOutput {
  return new ReadyOutput({ fd: stderrFd, addon, maxWaitingBytes: maxStderrBytes });
}
