import { AuditqlError } from "../errors.js";

/** Numbers of a SYSCALL record, and null where they are not known. */
export interface AuditNumbers {
  callNumbers(
    arch: string,
    syscall: string,
  ): { readonly arch: number; readonly syscall: number } | null;
  errnoNumber(name: string): number | null;
}

/** A stored event as `storedEvents` reads it: bytes as upper-case hex, null where unknown. */
export interface StoredEvent {
  readonly table: "process_events" | "socket_events";
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly ms: number;
  readonly serial: number | null;
  readonly node: string | null;
  readonly arch: string | null;
  readonly syscall: string | null;
  /** fork, exec, exit, …, or connect, bind, accept, listen. */
  readonly action: string | null;
  readonly pid: number | null;
  readonly parent: number | null;
  readonly success: number | null;
  readonly error: string | null;
  /** Return value; process events keep none. */
  readonly exit: number | null;
  readonly exit_code: number | null;
  readonly auid: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly euid: number | null;
  readonly suid: number | null;
  readonly fsuid: number | null;
  readonly egid: number | null;
  readonly sgid: number | null;
  readonly fsgid: number | null;
  readonly tty: string | null;
  readonly session_id: number | null;
  readonly comm: string | null;
  readonly exe: string | null;
  readonly path: string | null;
  readonly cwd: string | null;
  /** NUL-ended arguments. */
  readonly args: string | null;
  readonly args_count: number | null;
  /** Hexadecimal digits, as the column has it. */
  readonly fd: string | null;
  readonly sockaddr: string | null;
  readonly key: string | null;
}

const unsetId = 4294967295;
/** MAX_EXECVE_AUDIT_LEN of kernel/auditsc.c. */
const maxExecveBytes = 7500;
/** MAX_PROCTITLE_AUDIT_LEN of kernel/audit.h. */
const maxTitleBytes = 128;
/** First argument of socketcall(2) (linux/net.h). */
const socketcalls: Readonly<Record<string, number>> = { bind: 2, connect: 3, listen: 4, accept: 5 };

/**
 * The lines of a log that the event would have left, as far as it is stored. Arguments of the call,
 * inodes and labels are not, and their fields are left out. Null for rows that are no audit event:
 * processes that were found in /proc, and events without a system call.
 */
export function auditLogLines(
  event: StoredEvent,
  { numbers, serial }: { readonly numbers: AuditNumbers; readonly serial: number },
): readonly string[] | null {
  const call =
    event.arch === null || event.syscall === null
      ? null
      : numbers.callNumbers(event.arch, event.syscall);
  if (call === null) return null;
  const records = [
    ...socketcallRecord(event),
    ...execveRecords(event),
    ...(event.sockaddr === null ? [] : [`SOCKADDR saddr=${event.sockaddr}`]),
    ...(event.cwd === null ? [] : [`CWD cwd=${untrusted(event.cwd)}`]),
    ...pathRecord(event),
    ...titleRecord(event),
  ];
  const items = records.filter((record) => record.startsWith("PATH ")).length;
  const syscall = [
    `SYSCALL arch=${call.arch.toString(16)} syscall=${call.syscall}`,
    ...outcome(event, numbers),
    ...callArguments(event),
    `items=${items}`,
    ...caller(event),
  ].join(" ");
  const node = event.node === null ? "" : `node=${event.node} `;
  const stamp = `msg=audit(${(event.ms / 1000).toFixed(3)}:${event.serial ?? serial}):`;
  return [syscall, ...records, "EOE "].map((record) => {
    const space = record.indexOf(" ");
    return `${node}type=${record.slice(0, space)} ${stamp} ${record.slice(space + 1)}`;
  });
}

/** exit_group(2) has none. Of a process event the value is kept as far as it can be told. */
function outcome(event: StoredEvent, numbers: AuditNumbers): readonly string[] {
  if (event.action === "exit" || event.success === null) return [];
  const errno = event.error === null ? 0 : (numbers.errnoNumber(event.error) ?? 0);
  const value = event.exit ?? (errno > 0 ? -errno : event.action === "fork" ? event.pid : 0);
  // A connect that goes on in the background counts as a success in the table, not in the kernel.
  const isSuccess = event.success === 1 && errno === 0;
  return [`success=${isSuccess ? "yes" : "no"} exit=${value ?? 0}`];
}

/** ausearch passes over records without arguments, and `?` is audit's word for what is not known. */
function callArguments(event: StoredEvent): readonly string[] {
  return [`a0=${firstArgument(event) ?? "?"} a1=? a2=? a3=?`];
}

function firstArgument(event: StoredEvent): string | null {
  if (event.action === "exit") return event.exit_code?.toString(16) ?? null;
  const number = event.syscall === "socketcall" ? socketcalls[event.action ?? ""] : undefined;
  return number?.toString(16) ?? event.fd;
}

/** i386 programs pass the arguments of socket calls in memory. */
function socketcallRecord(event: StoredEvent): readonly string[] {
  if (event.syscall !== "socketcall" || event.fd === null) return [];
  return [`SOCKETCALL nargs=1 a0=${event.fd}`];
}

/** The row of a fork is about the child: its parent is who called, whose own parent is not kept. */
function caller(event: StoredEvent): readonly string[] {
  const isFork = event.action === "fork";
  const pid = isFork ? event.parent : event.pid;
  const fields: readonly (readonly [string, number | string | null])[] = [
    ["ppid", isFork ? null : event.parent],
    ["pid", pid],
    ["auid", event.auid],
    ["uid", event.uid],
    ["gid", event.gid],
    ["euid", event.euid],
    ["suid", event.suid],
    ["fsuid", event.fsuid],
    ["egid", event.egid],
    ["sgid", event.sgid],
    ["fsgid", event.fsgid],
    ["tty", event.tty ?? "(none)"],
    ["ses", event.session_id ?? unsetId],
    ["comm", event.comm === null ? null : untrusted(event.comm)],
    ["exe", event.exe === null ? null : untrusted(event.exe)],
    ["key", keys(event.key)],
  ];
  return fields.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
}

/** Several keys are joined by 0x01 in the kernel, and by commas in the column. */
function keys(key: string | null): string {
  if (key === null) return "(null)";
  return untrusted(Buffer.from(key.replaceAll(",", "\u0001")).toString("hex").toUpperCase());
}

function isExec({ action }: StoredEvent): boolean {
  return action === "exec" || action === "exec_failed";
}

/** PATH item 0 of an execve is the file that was asked for. */
function pathRecord(event: StoredEvent): readonly string[] {
  if (!isExec(event) || event.path === null) return [];
  return [`PATH item=0 name=${untrusted(event.path)} nametype=NORMAL`];
}

/** The kernel logs the title that the process has when the call ends: after an execve that
 * succeeded, its arguments. */
function titleRecord(event: StoredEvent): readonly string[] {
  if (event.args === null || event.action !== "exec") return [];
  const bytes = Buffer.from(event.args, "hex").subarray(0, maxTitleBytes);
  const title = bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  return [`PROCTITLE proctitle=${untrusted(title.toString("hex").toUpperCase())}`];
}

/** Long arguments are cut into pieces and records as audit_log_execve_info() cuts them. */
function execveRecords(event: StoredEvent): readonly string[] {
  if (event.args === null) return [];
  const args = splitStrings(event.args);
  const records: string[] = [];
  let body = `argc=${event.args_count ?? args.length}`;
  const add = (field: string) => {
    if (body.length + field.length >= maxExecveBytes && body !== "") {
      records.push(`EXECVE ${body}`);
      body = "";
    }
    body += body === "" ? field : ` ${field}`;
  };
  args.forEach((arg, at) => {
    const text = untrusted(arg);
    if (text.length <= maxExecveBytes - 32) add(`a${at}=${text}`);
    else for (const piece of pieces(at, text)) add(piece);
  });
  return [...records, `EXECVE ${body}`];
}

function pieces(at: number, text: string): readonly string[] {
  const isQuoted = text.startsWith('"');
  const inner = isQuoted ? text.slice(1, -1) : text;
  // Even, so that no byte's two digits are cut apart.
  const size = maxExecveBytes - 64;
  return Array.from({ length: Math.ceil(inner.length / size) }, (_, index) => {
    const part = inner.slice(index * size, (index + 1) * size);
    const length = index === 0 ? `a${at}_len=${inner.length} ` : "";
    return `${length}a${at}[${index}]=${isQuoted ? `"${part}"` : part}`;
  });
}

function splitStrings(hex: string): readonly string[] {
  const bytes = Buffer.from(hex, "hex");
  const strings: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    const stop = end < 0 ? bytes.length : end;
    strings.push(bytes.toString("hex", start, stop).toUpperCase());
    start = stop + 1;
  }
  return strings;
}

/** audit_log_untrustedstring(): quoted, or hexadecimal where a byte could end the quotes. */
function untrusted(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  if (bytes.length * 2 !== hex.length) {
    throw new AuditqlError("answer_unexpected", "The daemon's response contains invalid hex.");
  }
  const isPlain = bytes.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22);
  return isPlain ? `"${bytes.toString("latin1")}"` : hex;
}
