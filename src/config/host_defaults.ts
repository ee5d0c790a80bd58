import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What of the machine decides defaults. */
export interface HostDefaults {
  readonly isRoot: boolean;
  readonly hostname: string;
  /** Without root: state and logs go below it. */
  readonly userStatePath: string;
  /** The first that exists is used when no --config_path is given. */
  readonly configPaths: readonly string[];
  /** The first that exists is read when no --flagfile is given. */
  readonly flagfiles: readonly string[];
}

const shippedConfig = fileURLToPath(new URL("../../../packs/auditql.conf", import.meta.url));

/** The machine that this process runs on. */
export function thisHost(): HostDefaults {
  const stateHome = process.env["XDG_STATE_HOME"] || join(homedir(), ".local/state");
  return {
    isRoot: process.geteuid?.() === 0,
    hostname: hostname(),
    userStatePath: join(stateHome, "auditql"),
    configPaths: ["/etc/auditql/auditql.conf", "/etc/osquery/osquery.conf", shippedConfig],
    flagfiles: ["/etc/auditql/auditql.flags", "/etc/osquery/osquery.flags.default"],
  };
}
