import type { TableRows } from "./generated/table_schemas.js";
import type { ServiceName } from "./sources/local_service.js";

/** What tables read with rights that query workers do not have: the daemon reads it for them. */
export interface PrivilegedReads {
  /** Rows of iptables; null where the kernel does not tell. */
  packetFilter(): readonly TableRows["iptables"][] | null;
  /** A file below /proc/sys, whose owner alone may read it whatever the reader's capabilities. */
  setting(path: string): string | null;
  /** Rows of systemd_units where no message bus runs; null without systemd. */
  units(columns: readonly string[]): readonly TableRows["systemd_units"][] | null;
  /** What a service answers to a target that tables ask for; null for all else. */
  service(name: ServiceName, target: string): string | null;
}

/** One of them as a message. */
export type PrivilegedRead = {
  readonly [Name in keyof PrivilegedReads]: {
    readonly read: Name;
    readonly of: Parameters<PrivilegedReads[Name]>;
  };
}[keyof PrivilegedReads];
