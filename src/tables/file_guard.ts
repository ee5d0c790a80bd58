import {
  type BigIntStats,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AuditqlError } from "../errors.js";
import { decodePath, encodePath } from "./os_string.js";

/** Who a query runs for: a role of the API, or `schedule` for the configuration itself. */
export type CallerRole = "admin" | "read" | "schedule";

/** What the tables of one query may tell its caller. */
export interface CallerRights {
  readonly role: CallerRole;
  /** Files and directories whose content no table tells, whatever the role. */
  readonly protectedPaths: readonly string[];
}

/**
 * On whose behalf a table reads a file for the role `read`, which may learn no more than they could
 * read themselves: every user of the host where the caller chose the path, and the owner of a place
 * where that owner chooses what lies, or is linked, there.
 */
export type Reader = "everyone" | number;

/** Files that were not read, by reason. */
export interface FileRefusals {
  /** They hold secrets of the daemon. */
  readonly protected: number;
  /** The role may not read them. */
  readonly private: number;
}

// linux/magic.h
const procSuperMagic = 0x9fa0;
// Files of processes that hold their memory, or what it was filled with.
const memoryFile = /^\/proc\/(\d+)\/(?:task\/\d+\/)?(?:environ|mem|auxv)$/;
const othersRead = 0o004n;
const othersSearch = 0o001n;
/** How long the list of protected files is used before the directories are listed again. */
const listMs = 100;

interface ProtectedFiles {
  /** `device:inode` of each file. */
  readonly identities: ReadonlySet<string>;
  /** Directories, as the kernel names them, with a slash at the end. */
  readonly directories: readonly string[];
  readonly listedAt: number;
}

const nothing: ProtectedFiles = { identities: new Set(), directories: [], listedAt: -Infinity };

const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

/** Decides whether the content of a file may be told to the caller of the running query. Files are
 * compared as they were opened, by device and inode: no other name leads around it. */
export class FileGuard {
  /** The daemon: its processes are protected with their children, the query workers. */
  readonly #daemonPid: number;
  #rights: CallerRights = { role: "schedule", protectedPaths: [] };
  #files = nothing;
  /** By device: whether it is a proc filesystem. */
  #procDevices = new Map<bigint, boolean>();
  #refusals = { protected: 0, private: 0 };
  /** Why the query was refused as a whole. */
  #error: AuditqlError | null = null;

  constructor(daemonPid: number) {
    this.#daemonPid = daemonPid;
  }

  /** Holds for what is read from now on. */
  begin(rights: CallerRights): void {
    this.#rights = rights;
    this.#files = nothing;
    this.#procDevices = new Map();
    this.#refusals = { protected: 0, private: 0 };
    this.#error = null;
  }

  /** Since begin(). */
  get refusals(): FileRefusals {
    return this.#refusals;
  }

  /** What requireTrusted() threw since begin(): SQLite passes on its message alone. */
  get error(): AuditqlError | null {
    return this.#error;
  }

  /** Throws `role_refused` where the caller has the role read. `what` begins the message. */
  requireTrusted(what: string): void {
    if (this.#rights.role !== "read") return;
    this.#error = new AuditqlError(
      "role_refused",
      `${what} can reveal the content of files. Use a token with the role admin, or schedule the query.`,
    );
    throw this.#error;
  }

  /** Whether the content of an open regular file may be told; each that may not is counted. */
  admits(fd: number, stat: BigIntStats, readers: readonly Reader[]): boolean {
    const name = kernelName(fd);
    if (this.#isProtected(fd, name, stat)) return this.#refuse("protected");
    if (this.#rights.role !== "read") return true;
    return readers.every((reader) => mayRead(reader, name, stat)) || this.#refuse("private");
  }

  /** Whether the memory and the environment of a process may be told; counted like files. */
  admitsProcess(pid: number): boolean {
    return this.#isOwnProcess(pid) ? this.#refuse("protected") : true;
  }

  #refuse(reason: keyof FileRefusals): false {
    this.#refusals = { ...this.#refusals, [reason]: this.#refusals[reason] + 1 };
    return false;
  }

  #isProtected(fd: number, name: string, stat: BigIntStats): boolean {
    if (this.#isOnProc(fd, stat)) return this.#isProtectedProcFile(name, stat);
    const now = performance.now();
    if (now - this.#files.listedAt > listMs) {
      this.#files = { ...listFiles(this.#rights.protectedPaths), listedAt: now };
    }
    const { identities, directories } = this.#files;
    return (
      identities.has(identityOf(stat)) ||
      directories.some((directory) => name.startsWith(directory))
    );
  }

  /** The kernel makes numbers of devices and inodes of /proc as they are asked for: only names tell
   * whose a file is, and only names of this process's own /proc. */
  #isProtectedProcFile(name: string, { dev }: BigIntStats): boolean {
    if (dev !== statSync("/proc", { bigint: true }).dev || !name.startsWith("/proc/")) return true;
    const pid = name.match(memoryFile)?.[1];
    return pid !== undefined && this.#isOwnProcess(Number(pid));
  }

  #isOnProc(fd: number, { dev }: BigIntStats): boolean {
    const known = this.#procDevices.get(dev);
    if (known !== undefined) return known;
    const isProc = statfsSync(`/proc/self/fd/${fd}`).type === procSuperMagic;
    this.#procDevices.set(dev, isProc);
    return isProc;
  }

  /** The daemon, a worker of it, or a thread of either. */
  #isOwnProcess(pid: number): boolean {
    const status = readStatus(pid);
    if (status === null) return false;
    return status.group === this.#daemonPid || status.parent === this.#daemonPid;
  }
}

/** Process and parent of a thread; null when there is none. */
function readStatus(pid: number): { readonly group: number; readonly parent: number } | null {
  const text = orNull(() => readFileSync(`/proc/${pid}/status`, "latin1"));
  if (text === null) return null;
  const numberOf = (field: string) =>
    Number(text.match(new RegExp(`^${field}:\\s+(\\d+)$`, "m"))?.[1] ?? -1);
  return { group: numberOf("Tgid"), parent: numberOf("PPid") };
}

/** The name by which the kernel knows an open file. */
function kernelName(fd: number): string {
  return decodePath(readlinkSync(`/proc/self/fd/${fd}`, { encoding: "buffer" }));
}

function mayRead(reader: Reader, name: string, stat: BigIntStats): boolean {
  if (reader !== "everyone" && (reader === 0 || stat.uid === BigInt(reader))) return true;
  return isPublic(name, stat);
}

/** Whether every user of the host may read a file: its mode and that of each directory on the way
 * let them. A file of another mount namespace has no such way. */
function isPublic(name: string, stat: BigIntStats): boolean {
  if ((stat.mode & othersRead) === 0n) return false;
  const named = orNull(() => statSync(encodePath(name), { bigint: true }));
  if (named === null || identityOf(named) !== identityOf(stat)) return false;
  for (let directory = dirname(name); ; directory = dirname(directory)) {
    const found = orNull(() => statSync(encodePath(directory)));
    if (found === null || (BigInt(found.mode) & othersSearch) === 0n) return false;
    if (directory === "/") return true;
  }
}

function listFiles(paths: readonly string[]): Omit<ProtectedFiles, "listedAt"> {
  const identities = new Set<string>();
  const directories: string[] = [];
  for (const path of paths) {
    const stat = orNull(() => statSync(path, { bigint: true }));
    if (stat === null) continue;
    if (!stat.isDirectory()) identities.add(identityOf(stat));
    else {
      directories.push(`${realpathSync(path)}/`.replace("//", "/"));
      addFilesBelow(path, identities);
    }
  }
  return { identities, directories };
}

/** Files below a directory that may have other names elsewhere: hard links, bind mounts. */
function addFilesBelow(directory: string, identities: Set<string>): void {
  const entries = orNull(() => readdirSync(directory, { recursive: true, encoding: "utf8" }));
  for (const name of entries ?? []) {
    const stat = orNull(() => lstatSync(join(directory, name), { bigint: true }));
    if (stat?.isFile()) identities.add(identityOf(stat));
  }
}

/** A file that is gone, or cannot be reached, is none. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return null;
    throw error;
  }
}
