import {
  type BigIntStats,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type StatsFs,
  statfsSync,
  statSync,
} from "node:fs";
import type { TableSources } from "../native/table_sources.js";
import { type ContainedRoot, openContainedRoot } from "./contained_root.js";
import type { DaemonRows } from "./daemon_rows.js";
import type { FileGuard, Reader } from "./file_guard.js";
import { decodePath, encodePath, shownText } from "./os_string.js";
import type { PrivilegedReads } from "./privileged_reads.js";

// Not in fs.constants; open(2), the same on all architectures that Node runs on.
const oPath = 0o10000000;
const maxReadBytes = 64 * 2 ** 20;

/** The host that tables read: its files below a root, its clock, and what the daemon knows.
 * A source that is absent, unreadable or gone meanwhile is null, never an exception. */
export interface Host {
  /** Content of a regular file of at most 64 MiB; larger ones are for openFile. */
  readFile(path: string): Buffer | null;
  /** The same as text; bytes that are not UTF-8 are shown as \xHH. */
  readText(path: string): string | null;
  /** Names in a directory without . and .., in no order; empty when there is none. */
  list(path: string): readonly string[];
  /** The same with what each name is, as far as the directory itself tells. */
  entries(path: string): readonly DirectoryEntry[];
  readLink(path: string): string | null;
  stat(path: string): BigIntStats | null;
  lstat(path: string): BigIntStats | null;
  statfs(path: string): StatsFs | null;
  /** Opens a regular file for reading in pieces; null for all else, so that no FIFO blocks. */
  openFile(path: string): OpenFile | null;
  /** User whose files a table of users' files shows where no uid is asked for: the daemon's, also in
   * a worker that has become another user. */
  readonly ownUid: number;
  /** Adds a sentence to the query's outcome: what its rows leave out. */
  warn(message: string): void;
  /** Milliseconds since 1970. */
  now(): number;
  daemonRows(): DaemonRows;
  /** What is read through native code; null for a host with a root of its own, because none of
   * it stands below a directory. */
  sources(): TableSources | null;
  /** Null in a process that has the rights itself, and for a host with a root of its own. */
  privilegedReads(): PrivilegedReads | null;
  /** The host as a process sees its files; the role `read` is told of those that the process's
   * user could read. */
  inMountNamespaceOf(pid: number): Host;
  /** The host for paths that the caller of the query chose: the role `read` is told the content of
   * those that every user could read. */
  asEveryone(): Host;
  /** The host for what lies in places that an account writes, where links lead wherever it likes:
   * the role `read` is told the content of what the account could read. */
  asAccount(uid: number): Host;
  /** Throws `role_refused` where the caller has the role read; `what` begins the message. */
  requireTrusted(what: string): void;
  /** Whether the memory of a process may be told. */
  admitsProcess(pid: number): boolean;
}

export interface DirectoryEntry {
  readonly name: string;
  /** `unknown` on file systems that do not say. */
  readonly kind: "directory" | "file" | "link" | "unknown";
}

export interface OpenFile {
  /** Descriptor, for native code; closed by close(). */
  readonly fd: number;
  stat(): BigIntStats;
  /** Bytes read into `buffer`; 0 at the end, null on an error. */
  read(buffer: Uint8Array): number | null;
  close(): void;
}

export interface HostOptions {
  /** Directory that stands for /. */
  readonly root: string;
  readonly now: () => number;
  readonly daemonRows: () => DaemonRows;
  readonly sources?: TableSources;
  readonly privilegedReads?: PrivilegedReads;
  /** Descriptors of files that were opened with more rights (heldPaths), by path. */
  readonly heldFiles?: ReadonlyMap<string, number>;
  readonly warn?: (message: string) => void;
  /** Left out: that of the process as it opens the host. */
  readonly ownUid?: number;
  /** Called before each operation; throws when nobody waits for its result any more. */
  readonly checkpoint?: () => void;
  /** Decides what may be told; all may where there is none. */
  readonly guard?: FileGuard;
  /** On whose behalf files are read. */
  readonly readers?: readonly Reader[];
}

/** Errors of the operating system mean that the source is not there; all else is a defect. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return null;
    // Paths of a query may hold a NUL, which names no file.
    if (error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_ARG_VALUE")
      return null;
    throw error;
  }
}

/** Opens a regular file of the kernel's own trees, whose kind nobody can change. */
function openKernelFile(path: string | Buffer): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Opens a file only when it is a regular one: to open a FIFO blocks, to open a device may start
 * it, and both can stand where a user's file is expected. */
function openUserFile(path: string | Buffer, { guard, readers = [] }: Access): number | null {
  const found = openSync(path, oPath);
  try {
    const stat = fstatSync(found, { bigint: true });
    if (!stat.isFile()) return null;
    if (guard !== undefined && !guard.admits(found, stat, readers)) return null;
    return openKernelFile(`/proc/self/fd/${found}`);
  } finally {
    closeSync(found);
  }
}

type Access = Pick<HostOptions, "guard" | "readers">;

// Below these names of /proc lie files of users, or memory of processes.
const beyondKernel = /\/(?:|\.|\.\.|root|cwd|exe|fd|map_files|environ|mem|auxv)(?:\/|$)/;

function openRegularFile(path: string | Buffer, access: Access): OpenFile | null {
  const text = path.toString();
  const isKernels =
    text.startsWith("/proc/") && !beyondKernel.test(text) && (access.readers ?? []).length === 0;
  const fd = isKernels ? openKernelFile(path) : openUserFile(path, access);
  if (fd === null) return null;
  return {
    fd,
    stat: () => fstatSync(fd, { bigint: true }),
    read: (buffer) => orNull(() => readSync(fd, buffer)),
    close: () => closeSync(fd),
  };
}

/** A file that stays open and is shared with other processes: each read says where it begins. */
function heldFile(fd: number): OpenFile {
  let position = 0;
  return {
    fd,
    stat: () => fstatSync(fd, { bigint: true }),
    read: (buffer) =>
      orNull(() => {
        const length = readSync(fd, buffer, 0, buffer.length, position);
        position += length;
        return length;
      }),
    close: () => {},
  };
}

// Shared by all reads: tables run one after another on one thread.
const chunk = Buffer.allocUnsafe(64 * 1024);

function readWhole(file: OpenFile): Buffer | null {
  const parts: Buffer[] = [];
  try {
    for (let total = 0; total <= maxReadBytes; ) {
      const length = file.read(chunk);
      if (length === null) return null;
      if (length === 0) return Buffer.concat(parts);
      parts.push(Buffer.from(chunk.subarray(0, length)));
      total += length;
    }
    return null;
  } finally {
    file.close();
  }
}

function readEntries(path: string | Buffer): DirectoryEntry[] {
  return readdirSync(path, { encoding: "buffer", withFileTypes: true }).map((entry) => ({
    name: decodePath(entry.name),
    kind: kindOf(entry),
  }));
}

function kindOf(entry: Dirent<Buffer>): DirectoryEntry["kind"] {
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "link";
  return entry.isFile() ? "file" : "unknown";
}

/** How one operation reaches the file that a path means. */
type Reach = <T>(path: string, follow: boolean, use: (reached: string | Buffer) => T) => T | null;

function reachDirectly<T>(path: string, _: boolean, use: (reached: string | Buffer) => T) {
  return orNull(() => use(encodePath(path)));
}

function reachBeneath(root: ContainedRoot): Reach {
  return (path, follow, use) => orNull(() => root.reach({ path, follow }, use));
}

/** Asks the checkpoint before each operation, and before each piece of a file. */
function checked(reach: Reach, checkpoint: () => void): Reach {
  return (path, follow, use) => {
    checkpoint();
    return reach(path, follow, use);
  };
}

function checkedFile(file: OpenFile, checkpoint: () => void): OpenFile {
  return {
    ...file,
    read(buffer) {
      checkpoint();
      return file.read(buffer);
    },
  };
}

/** The host that this process runs on, for what needs nothing of a daemon. */
export function openThisHost(): Host {
  return openHost({ root: "/", now: Date.now, daemonRows: () => ({}) });
}

/** Opens a host; with a root other than / no symbolic link leads out of it. */
export function openHost(options: HostOptions): Host {
  const { root, checkpoint = () => {}, readers = [] } = options;
  const { ownUid = process.getuid?.() ?? 0 } = options;
  const reach = checked(
    root === "/" ? reachDirectly : reachBeneath(openContainedRoot(root)),
    checkpoint,
  );
  const openFile = (path: string) => {
    const file = reach(path, true, (reached) => openRegularFile(reached, options));
    return file === null ? null : checkedFile(file, checkpoint);
  };
  const held = root === "/" ? options.heldFiles : undefined;
  const readFile = (path: string) => {
    const heldFd = held?.get(path);
    const file = heldFd === undefined ? openFile(path) : checkedFile(heldFile(heldFd), checkpoint);
    return file === null ? null : readWhole(file);
  };
  return {
    readFile,
    readText(path) {
      const bytes = readFile(path);
      return bytes === null ? null : shownText(bytes);
    },
    list: (path) =>
      reach(path, true, (reached) =>
        readdirSync(reached, { encoding: "buffer" }).map(decodePath),
      ) ?? [],
    entries: (path) => reach(path, true, readEntries) ?? [],
    readLink: (path) =>
      reach(path, false, (reached) => decodePath(readlinkSync(reached, { encoding: "buffer" }))),
    stat: (path) => reach(path, true, (reached) => statSync(reached, { bigint: true })),
    lstat: (path) => reach(path, false, (reached) => lstatSync(reached, { bigint: true })),
    statfs: (path) => reach(path, true, (reached) => statfsSync(reached)),
    openFile,
    ownUid,
    warn: options.warn ?? (() => {}),
    now: options.now,
    daemonRows: options.daemonRows,
    sources: () => (root === "/" ? (options.sources ?? null) : null),
    privilegedReads: () => (root === "/" ? (options.privilegedReads ?? null) : null),
    inMountNamespaceOf: (pid) =>
      openHost({
        ...options,
        ownUid,
        root: `${root === "/" ? "" : root}/proc/${pid}/root`,
        readers: [...readers, userOf(readFile(`/proc/${pid}/status`))],
      }),
    asEveryone: () => openHost({ ...options, ownUid, readers: [...readers, "everyone"] }),
    asAccount: (uid) => openHost({ ...options, ownUid, readers: [...readers, uid] }),
    requireTrusted: (what) => options.guard?.requireTrusted(what),
    admitsProcess: (pid) => options.guard?.admitsProcess(pid) ?? true,
  };
}

/** Effective uid of proc_pid_status(5); one that owns nothing for a process that is gone. */
function userOf(status: Buffer | null): number {
  return Number(status?.toString("latin1").match(/^Uid:\s+\d+\s+(\d+)/m)?.[1] ?? -1);
}
