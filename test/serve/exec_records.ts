let serial = 1000;

/** Audit records of one exec by a process of its own, as a log has them. */
export function execRecords(
  path: string,
  ppid = 1,
): { readonly bytes: Buffer; readonly pid: number } {
  serial += 1;
  const pid = 40_000 + serial;
  const stamp = `msg=audit(${(Date.now() / 1000).toFixed(3)}:${serial}):`;
  const ids = "auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0";
  const lines = [
    `type=SYSCALL ${stamp} arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 ppid=${ppid} pid=${pid} ${ids} tty=pts0 ses=1 comm="x" exe="${path}" key=(null)`,
    `type=EXECVE ${stamp} argc=1 a0="${path}"`,
    `type=CWD ${stamp} cwd="/"`,
    `type=PATH ${stamp} item=0 name="${path}" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
    `type=PROCTITLE ${stamp} proctitle="${path}"`,
    `type=EOE ${stamp}`,
    "",
  ];
  return { bytes: Buffer.from(lines.join("\n")), pid };
}

export interface CallOptions {
  readonly pid: number;
  readonly ppid: number;
  /** The call's number on x86_64: 56 clone, 59 execve, 231 exit_group. */
  readonly call: number;
  /** What it returned: the child's pid for clone. */
  readonly exit?: number;
  readonly exe: string;
  readonly args?: readonly string[];
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Audit records of one call of a process, as a log has them. */
export function callRecords(options: CallOptions): Buffer {
  const { pid, ppid, call, exit = 0, exe, args = [], atMs } = options;
  serial += 1;
  const stamp = `msg=audit(${(atMs / 1000).toFixed(3)}:${serial}):`;
  const ids = "auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0";
  const texts = args.map((text, at) => `a${at}=${Buffer.from(text).toString("hex").toUpperCase()}`);
  const lines = [
    `type=SYSCALL ${stamp} arch=c000003e syscall=${call} success=yes exit=${exit} a0=0 a1=0 a2=0 a3=0 items=0 ppid=${ppid} pid=${pid} ${ids} tty=pts0 ses=1 comm="x" exe="${exe}" key=(null)`,
    ...(call === 59 ? [`type=EXECVE ${stamp} argc=${args.length} ${texts.join(" ")}`] : []),
    `type=EOE ${stamp}`,
    "",
  ];
  return Buffer.from(lines.join("\n"));
}
