import { ConfigSource } from "../config/config_source.js";
import { Daemon } from "../daemon.js";
import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { refuseStray } from "./refuse_stray.js";

export const daemonCommand = defineCommand({
  name: "daemon",
  summary: "capture events, run the schedule, and answer queries",
  operands: "",
  description: [
    "Runs in the foreground until SIGTERM or SIGINT. Captures every process and socket call of the host into bounded tables, runs the scheduled queries of the configuration and writes their results, and answers SQL on a unix socket, and on TCP where the configuration or a person at the terminal asks for it.",
    "Takes the flags of osqueryd: --flagfile, --config_path and all others, as --name=value; docs/configuration.md lists them. SIGHUP reads the configuration again and opens log files anew.",
    "As root, state is kept in /var/lib/auditql and logs in /var/log/auditql, unless told otherwise; for other users below $XDG_STATE_HOME or ~/.local/state. Without the capabilities that capture needs it still answers queries of the host's state, and says what is missing.",
  ],
  options: {},
  hasOwnOptions: true,
  errors: [
    "config_broken",
    "store_locked",
    "store_open_failed",
    "port_in_use",
    "socket_in_use",
    "state_directory_failed",
  ],
  examples: [
    { command: "auditql daemon", effect: "Runs with /etc/auditql/auditql.conf, else defaults." },
    {
      command: "auditql daemon --flagfile /etc/osquery/osquery.flags",
      effect: "Runs in place of osqueryd.",
    },
  ],
  async run({ operands, io }) {
    refuseStray(operands);
    const addon = loadAddon();
    const source = new ConfigSource({ args: operands });
    const daemon = new Daemon({
      source,
      addon,
      version: io.version,
      stderr: io.stderr,
      // Not for a service manager, whose journal would keep the link.
      isAttended: process.stderr.isTTY === true || process.env["npm_lifecycle_event"] === "start",
    });
    const ended = untilEndSignal();
    // Before start(): without a handler a signal in the middle of it would end the process.
    const reload = () => {
      daemon.reload().catch((error) => io.stderr.write(`auditql: reload failed: ${error}\n`));
    };
    process.on("SIGHUP", reload);
    await daemon.start();
    await ended;
    process.off("SIGHUP", reload);
    await daemon.stop();
    return 0;
  },
});

/** A second signal ends the process at once, by the signal's own action. */
function untilEndSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
}
