import { type FileHandle, open, readdir, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../errors.js";
import type { LogBatch } from "../schedule/result_sink.js";
import { makeDirectories } from "../util/make_directories.js";
import { decodeRecords, encodeRecord, type QueueRecord } from "./queue_record.js";

/** A file of the queue is at most so large, or holds one batch. */
const segmentBytes = 4 * 1024 * 1024;
const newline = 0x0a;

interface RecordSize {
  readonly bytes: number;
  readonly count: number;
}

interface Segment {
  readonly number: number;
  /** Batches that are in it and were not taken yet. */
  readonly records: RecordSize[];
  size: number;
}

/** A batch and its place in the queue. */
export interface QueuedBatch {
  readonly batch: LogBatch;
  readonly place: object;
}

/** Figures of a queue. */
export interface QueueDepth {
  readonly bytes: number;
  readonly lines: number;
}

/**
 * Batches that wait on disk for a logger, oldest first, in numbered files. Calls must not overlap.
 * A crash repeats at most the batch that was being taken.
 */
export class DiskQueue {
  readonly #directory: string;
  readonly #maxBytes: number;
  #segments: Segment[] = [];
  #position: FileHandle | null = null;
  /** Bytes of the first segment that were taken. */
  #offset = 0;
  #lastNumber = 0;
  #bytes = 0;
  #lines = 0;
  #damaged = 0;

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Opens a queue, with what a process before left in it. */
  static async open(directory: string, maxBytes: number): Promise<DiskQueue> {
    const queue = new DiskQueue(directory, maxBytes);
    makeDirectories(directory, 0o700);
    await queue.#recover();
    return queue;
  }

  get depth(): QueueDepth {
    return { bytes: this.#bytes, lines: this.#lines };
  }

  /** Lines that the disk has damaged, and that were dropped, since the last call. */
  takeDamaged(): number {
    const damaged = this.#damaged;
    this.#damaged = 0;
    return damaged;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /**
   * Adds a batch. When the queue is full its oldest files go; the number of lines that were dropped
   * is returned. Rejects when the disk takes nothing; the queue is then as before.
   */
  async append(batch: LogBatch): Promise<number> {
    const bytes = encodeRecord(batch);
    if (bytes.length > this.#maxBytes) return batch.count;
    let dropped = 0;
    while (this.#bytes + bytes.length > this.#maxBytes) dropped += await this.#dropOldest();
    const segment = await this.#lastSegment();
    const path = this.#path(segment.number);
    const handle = await open(path, "a", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.datasync();
    } catch (error) {
      await handle.truncate(segment.size);
      throw error;
    } finally {
      await handle.close();
    }
    segment.size += bytes.length;
    this.#add(segment, { bytes: bytes.length, count: batch.count });
    return dropped;
  }

  /** The oldest batch; null when there is none. */
  async first(): Promise<QueuedBatch | null> {
    while (!this.isEmpty) {
      const oldest = await this.#oldest();
      if (oldest === null) return null;
      if (oldest.batch !== null) return { batch: oldest.batch, place: oldest.place };
      this.#damaged += oldest.place.count;
      await this.shift(oldest);
    }
    return null;
  }

  async #oldest(): Promise<{ readonly batch: LogBatch | null; readonly place: RecordSize } | null> {
    const segment = this.#segments.find((candidate) => candidate.records.length > 0);
    const record = segment?.records[0];
    if (segment === undefined || record === undefined) return null;
    const offset = segment === this.#segments[0] ? this.#offset : 0;
    const handle = await open(this.#path(segment.number), "r");
    try {
      const bytes = Buffer.alloc(record.bytes);
      await handle.read(bytes, 0, bytes.length, offset);
      return { batch: decodeRecords(bytes).records[0]?.batch ?? null, place: record };
    } finally {
      await handle.close();
    }
  }

  /** Takes the oldest batch out, once it arrived; no other, where it was dropped meanwhile. */
  async shift({ place }: Pick<QueuedBatch, "place">): Promise<void> {
    while (this.#segments[0]?.records.length === 0) await this.#removeFirst();
    const [segment] = this.#segments;
    const record = segment?.records[0];
    if (segment === undefined || record === undefined || record !== place) return;
    segment.records.shift();
    this.#offset += record.bytes;
    this.#forget(record);
    if (segment.records.length === 0) await this.#removeFirst();
    else await this.#savePosition(segment.number);
  }

  async close(): Promise<void> {
    await this.#position?.close();
    this.#position = null;
  }

  async #dropOldest(): Promise<number> {
    const lines = this.#segments[0]?.records.reduce((sum, record) => sum + record.count, 0) ?? 0;
    await this.#removeFirst();
    return lines;
  }

  async #removeFirst(): Promise<void> {
    const segment = this.#segments[0];
    if (segment === undefined) return;
    await rm(this.#path(segment.number), { force: true });
    for (const record of segment.records) this.#forget(record);
    this.#segments.shift();
    this.#offset = 0;
  }

  #add(segment: Segment, record: RecordSize): void {
    segment.records.push(record);
    this.#bytes += record.bytes;
    this.#lines += record.count;
  }

  #forget(record: RecordSize): void {
    this.#bytes -= record.bytes;
    this.#lines -= record.count;
  }

  async #lastSegment(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.size < segmentBytes) return last;
    const segment: Segment = {
      number: (last?.number ?? this.#lastNumber) + 1,
      records: [],
      size: 0,
    };
    this.#lastNumber = segment.number;
    this.#segments.push(segment);
    return segment;
  }

  /** A fixed number of bytes at offset 0, so that a crash leaves the old or the new position. */
  async #savePosition(number: number): Promise<void> {
    this.#position ??= await open(join(this.#directory, "position"), "w", 0o600);
    const text = `${String(number).padStart(16)} ${String(this.#offset).padStart(16)}\n`;
    await this.#position.write(text, 0);
  }

  async #recover(): Promise<void> {
    const [taken, offset] = await this.#readPosition();
    const numbers = (await readdir(this.#directory))
      .flatMap((name) => /^(\d+)\.queue$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    this.#lastNumber = Math.max(taken, ...numbers, 0);
    for (const [index, number] of numbers.entries()) {
      const skip = number === taken && index === 0 ? offset : 0;
      const path = this.#path(number);
      const bytes = await readFile(path);
      const { records, consumed } = decodeRecords(bytes.subarray(skip));
      // What follows the last whole batch was being written when the process ended, and was then
      // logged by the next one; whole lines were not.
      const rest = bytes.subarray(skip + consumed);
      if (rest.at(-1) === newline) this.#damaged += rest.filter((byte) => byte === newline).length;
      if (skip + consumed < bytes.length) await truncate(path, skip + consumed);
      if (index === 0) this.#offset = skip;
      const segment: Segment = { number, records: [], size: skip + consumed };
      for (const record of records) this.#add(segment, recordSize(record));
      this.#segments.push(segment);
    }
  }

  async #readPosition(): Promise<[number, number]> {
    try {
      const text = await readFile(join(this.#directory, "position"), "utf8");
      const [number = 0, offset = 0] = text.trim().split(/\s+/).map(Number);
      return [number, offset];
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [0, 0];
      throw error;
    }
  }

  #path(number: number): string {
    return join(this.#directory, `${String(number).padStart(10, "0")}.queue`);
  }
}

const recordSize = ({ bytes, count }: QueueRecord): RecordSize => ({ bytes, count });
