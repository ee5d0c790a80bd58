import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { ExecutableRequest } from "../native/enrichment_store.js";
import type { CpuBudget } from "./cpu_budget.js";
import type { Digests, FileDigests } from "./file_digests.js";
import { type TimedOut, timedOut, withTimeout } from "./with_timeout.js";

/** What became of hashing a file; all but the first say why there is no digest. */
export type HashOutcome =
  | { readonly status: "hashed"; readonly digests: Digests }
  | {
      readonly status: "gone" | "changed" | "too_big" | "unreadable" | "stalled" | "not_regular";
    };

export interface HashOptions {
  readonly startDigests: () => FileDigests;
  readonly maxBytes: number;
  readonly budget: CpuBudget;
  /** For opening, and for each piece that is read. */
  readonly timeoutMs: number;
  /** Time that digests took. */
  readonly onSpent: (ms: number) => void;
}

/** The event loop is held up for about a millisecond. */
const pieceBytes = 256 * 1024;
/** Each holds one of libuv's four threads, of which the rest of the daemon needs some. */
const maxStalledDevices = 2;

/**
 * Hashes executed files, each in the very state in which it was seen: what changed since then gets
 * no digest rather than a wrong one.
 */
export class FileHasher {
  readonly #options: HashOptions;
  /** Devices (major:minor) that do not answer, such as file systems of a server that is gone. */
  readonly #stalled = new Set<string>();

  constructor(options: HashOptions) {
    this.#options = options;
  }

  async hash(request: ExecutableRequest): Promise<HashOutcome> {
    const { heldFd, size, device } = request;
    if (heldFd === null) return { status: "gone" };
    if (size > this.#options.maxBytes) return { status: "too_big" };
    const isStalled = this.#stalled.has(device) || this.#stalled.size >= maxStalledDevices;
    if (isStalled) return { status: "stalled" };
    // It may be a device or a FIFO by now, which is told apart once it is open.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const opening = open(`/proc/self/fd/${heldFd}`, flags);
    try {
      const file = await this.#orStalled(opening, device);
      if (file === timedOut) {
        opening.then((opened) => opened.close()).catch(() => {});
        return { status: "stalled" };
      }
      return await this.#hashOpen(file, request);
    } catch (error) {
      if (isSystemError(error)) return { status: "unreadable" };
      throw error;
    }
  }

  async #hashOpen(file: FileHandle, request: ExecutableRequest): Promise<HashOutcome> {
    let reading: Promise<unknown> = Promise.resolve();
    try {
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) return { status: "not_regular" };
      if (!isInState(before, request)) return { status: "changed" };
      const digests = this.#options.startDigests();
      const buffer = Buffer.allocUnsafe(pieceBytes);
      for (;;) {
        await this.#options.budget.available();
        const piece = file.read(buffer, 0, pieceBytes, null).then(({ bytesRead }) => bytesRead);
        reading = piece;
        const length = await this.#orStalled(piece, request.device);
        if (length === timedOut) return { status: "stalled" };
        if (length === 0) break;
        this.#digest(digests, buffer.subarray(0, length));
      }
      const after = await file.stat({ bigint: true });
      if (!isInState(after, request)) return { status: "changed" };
      return { status: "hashed", digests: digests.finish() };
    } finally {
      // A read that is late still uses the descriptor.
      reading.catch(() => {}).then(() => file.close());
    }
  }

  #digest(digests: FileDigests, bytes: Uint8Array): void {
    const startedMs = performance.now();
    digests.update(bytes);
    const tookMs = performance.now() - startedMs;
    this.#options.budget.spend(tookMs);
    this.#options.onSpent(tookMs);
  }

  async #orStalled<T>(promise: Promise<T>, device: string): Promise<T | TimedOut> {
    const result = await withTimeout(promise, this.#options.timeoutMs);
    if (result === timedOut) {
      this.#stalled.add(device);
      const recovered = () => this.#stalled.delete(device);
      promise.then(recovered, recovered);
    }
    return result;
  }
}

const isSystemError = (error: unknown) => error instanceof Error && "errno" in error;

/** Removing the last name of a file, as replacing it does, changes its ctime too (inode(7)). */
function isInState(stat: BigIntStats, request: ExecutableRequest): boolean {
  return (
    stat.ino === request.inode &&
    stat.size === BigInt(request.size) &&
    stat.mtimeNs === request.mtimeNs &&
    (stat.ctimeNs === request.ctimeNs || stat.nlink === 0n)
  );
}
