import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type StatsFs,
  statfsSync,
  statSync,
} from "node:fs";
import { type ContainedRoot, openContainedRoot } from "./contained_root.js";
import type { DaemonFacts } from "./daemon_facts.js";
import { decodePath, encodePath, shownText } from "./os_string.js";

/** The host that tables read: its files below a root, its clock, and what the daemon knows.
 * A source that is absent, unreadable or gone meanwhile is null, never an exception. */
export interface Host {
  /** Content of a file, e.g. of /proc; not for files of any size (see openFile). */
  readFile(path: string): Buffer | null;
  /** The same as text; bytes that are not UTF-8 are shown as \xHH. */
  readText(path: string): string | null;
  /** Names in a directory without . and .., in no order; empty when there is none. */
  list(path: string): readonly string[];
  readLink(path: string): string | null;
  stat(path: string): BigIntStats | null;
  lstat(path: string): BigIntStats | null;
  statfs(path: string): StatsFs | null;
  /** Opens a regular file for reading in pieces; null for all else, so that no FIFO blocks. */
  openFile(path: string): OpenFile | null;
  /** Milliseconds since 1970. */
  now(): number;
  facts(): DaemonFacts;
  /** The host as a process sees its files. */
  inMountNamespaceOf(pid: number): Host;
}

export interface OpenFile {
  readonly stat: BigIntStats;
  /** Bytes read into `buffer`; 0 at the end, null on an error. */
  read(buffer: Uint8Array): number | null;
  close(): void;
}

export interface HostOptions {
  /** Directory that stands for /. */
  readonly root: string;
  readonly now: () => number;
  readonly facts: () => DaemonFacts;
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

function openRegularFile(path: string | Buffer): OpenFile | null {
  const fd = orNull(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (fd === null) return null;
  const stat = fstatSync(fd, { bigint: true });
  if (!stat.isFile()) {
    closeSync(fd);
    return null;
  }
  return {
    stat,
    read: (buffer) => orNull(() => readSync(fd, buffer)),
    close: () => closeSync(fd),
  };
}

/** How one operation reaches the file that a path means. */
type Reach = <T>(path: string, follow: boolean, use: (reached: string | Buffer) => T) => T | null;

function reachDirectly<T>(path: string, _: boolean, use: (reached: string | Buffer) => T) {
  return orNull(() => use(encodePath(path)));
}

function reachBeneath(root: ContainedRoot): Reach {
  return (path, follow, use) => orNull(() => root.reach({ path, follow }, use));
}

/** Opens a host; with a root other than / no symbolic link leads out of it. */
export function openHost(options: HostOptions): Host {
  const reach: Reach =
    options.root === "/" ? reachDirectly : reachBeneath(openContainedRoot(options.root));
  const readFile = (path: string) => reach(path, true, (reached) => readFileSync(reached));
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
    readLink: (path) =>
      reach(path, false, (reached) => decodePath(readlinkSync(reached, { encoding: "buffer" }))),
    stat: (path) => reach(path, true, (reached) => statSync(reached, { bigint: true })),
    lstat: (path) => reach(path, false, (reached) => lstatSync(reached, { bigint: true })),
    statfs: (path) => reach(path, true, (reached) => statfsSync(reached)),
    openFile: (path) => reach(path, true, openRegularFile),
    now: options.now,
    facts: options.facts,
    inMountNamespaceOf: (pid) =>
      openHost({
        ...options,
        root: `${options.root === "/" ? "" : options.root}/proc/${pid}/root`,
      }),
  };
}
