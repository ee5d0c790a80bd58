/** What libmagic says of a file. */
export interface FileDescription {
  readonly data: string;
  readonly mimeType: string;
  readonly mimeEncoding: string;
}

/** An account as NSS knows it, of directory services too. */
export interface DirectoryAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly description: string;
  readonly home: string;
  readonly shell: string;
}

/** A rule of ip_tables. */
export interface FilterRule {
  readonly chain: string;
  /** Of the chain; empty for chains of users. */
  readonly policy: string;
  /** It stands for the chain itself, with the counters of its policy. */
  readonly isChain: boolean;
  readonly target: string;
  readonly protocol: number;
  /** IPT_INV_* of linux/netfilter_ipv4/ip_tables.h. */
  readonly inverted: number;
  readonly source: string;
  readonly sourceMask: string;
  readonly destination: string;
  readonly destinationMask: string;
  readonly inInterface: string;
  readonly outInterface: string;
  readonly inMask: string;
  readonly outMask: string;
  readonly hasMatches: boolean;
  /** `first:last`; null when the rule does not look at ports. */
  readonly sourcePorts: string | null;
  readonly destinationPorts: string | null;
  readonly packets: number;
  readonly bytes: number;
}

/** A unix socket, or a numeric IPv4 address: no names are looked up. */
export type SocketEndpoint =
  | { readonly path: string }
  | { readonly address: string; readonly port: number };

/** A connected stream socket; all it does together ends with the timeout that it was opened with. */
export interface TableSocket {
  /** False when not all bytes could be sent. */
  send(bytes: Uint8Array): boolean;
  /** Empty when the other side is done, null on an error or when time is up. */
  receive(maxBytes: number): Buffer | null;
  close(): void;
}

export interface YaraMatch {
  readonly rule: string;
  readonly tags: readonly string[];
}

/** Compiled YARA rules. */
export interface YaraRules {
  /** Scans bytes, or the memory of a process; null when that failed. */
  scan(target: Uint8Array | number): readonly YaraMatch[] | null;
}

/** Sources of tables that Node has no API for. All of them block the calling thread. */
export interface TableSources {
  /** By path, or by the descriptor of a regular file. `databases` are joined by colons; empty for
   * the system's. Null without libmagic or file. */
  describeFile(file: string | Uint8Array | number, databases: string): FileDescription | null;
  /** EAX, EBX, ECX, EDX; null on other processors than x86 and for unknown leaves. */
  cpuid(leaf: number, subleaf: number): readonly number[] | null;
  /** xattr(7) of a file; none when there is no such file. */
  extendedAttributes(
    path: string | Uint8Array,
  ): readonly { readonly key: string; readonly value: Buffer }[];
  /** Accounts of these user ids and names; null for all that NSS enumerates. */
  accounts(keys: readonly (number | string)[] | null): readonly DirectoryAccount[];
  /** Rules of a table of ip_tables; null when it cannot be read. Needs CAP_NET_ADMIN. */
  packetFilterRules(table: string): readonly FilterRule[] | null;
  /** Null when nobody listens there. */
  openSocket(endpoint: SocketEndpoint, timeoutMs: number): TableSocket | null;
  /** Null without libyara, and for rules that do not compile. */
  compileYaraRules(source: string): YaraRules | null;
}
