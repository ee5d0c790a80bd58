import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";

/** A file that a configuration, a flag or a person names. */
export interface UserFileOptions {
  /** A longer one is an error. */
  readonly maxBytes: number;
  /** A symbolic link is an error (ELOOP). */
  readonly isLinkRefused?: boolean;
  /** A pipe is read to its end, as `<(…)` of a shell gives one. For commands, which a person can
   * end: opening a pipe waits for its writer. */
  readonly isPipeTaken?: boolean;
  /** Throws for a file that must not be read. */
  readonly check?: (status: Stats) => void;
}

/** More bytes than are taken. */
export class FileTooLarge extends Error {}

const chunkBytes = 64 * 1024;

/**
 * Reads a file without waiting for anybody and without end, whatever it is: only a regular one, and
 * at most `maxBytes`. Throws the error of the system call, or one whose message is a reason.
 */
export function readUserFile(path: string, options: UserFileOptions): Buffer {
  // Looked at before it is opened: opening a device may have effects, and a socket cannot be opened.
  const found = options.isLinkRefused ? lstatSync(path) : statSync(path);
  if (!found.isSymbolicLink()) requireKind(found, options);
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
  const wait = found.isFIFO() ? 0 : O_NONBLOCK;
  const link = options.isLinkRefused ? O_NOFOLLOW : 0;
  const fd = openSync(path, O_RDONLY | O_NOCTTY | wait | link);
  try {
    // Another file may have come in its place.
    requireKind(fstatSync(fd), options);
    return readBounded(fd, options.maxBytes);
  } finally {
    closeSync(fd);
  }
}

function requireKind(status: Stats, { check, isPipeTaken = false }: UserFileOptions): void {
  check?.(status);
  if (status.isFile() || (isPipeTaken && status.isFIFO())) return;
  throw new Error(`it is ${kindOf(status)}, not a regular file`);
}

/** What a path names, with its article. */
export function kindOf(status: Stats): string {
  if (status.isDirectory()) return "a directory";
  if (status.isFIFO()) return "a FIFO";
  if (status.isSocket()) return "a socket";
  if (status.isSymbolicLink()) return "a symbolic link";
  return status.isFile() ? "a regular file" : "a device";
}

/** The size of a file in /proc is not known before it is read. */
function readBounded(fd: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; ; ) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, maxBytes + 1 - total));
    const read = readSync(fd, chunk, 0, chunk.length, null);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    total += read;
    if (total > maxBytes) throw new FileTooLarge(`it is larger than ${sizeText(maxBytes)}`);
  }
}

function sizeText(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
}
