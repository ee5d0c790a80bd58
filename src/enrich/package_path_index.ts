import { randomBytes } from "node:crypto";
import { HalfSipHash } from "./half_sip_hash.js";

/** A package as the tables of its kind name it. */
export interface OwnerPackage {
  readonly name: string;
  readonly version: string;
  readonly type: "deb" | "rpm";
}

/** A path within a file. */
export interface PathBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

const slotWords = 3;
const initialSlots = 1 << 14;

/**
 * Which package owns which path. A host has some 300,000 owned paths, whose text would take tens of
 * megabytes: kept are 64 bits of a hash of each, under a key of this process, so that no path can
 * be made up to pass for an owned one.
 */
export class PackagePathIndex {
  readonly #packages: OwnerPackage[] = [];
  readonly #hash = new HalfSipHash(randomBytes(8));
  /** Open addressing; a slot is two halves of the hash and the package's number + 1. */
  #slots = new Uint32Array(initialSlots * slotWords);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives the number that add() takes. */
  addPackage(owner: OwnerPackage): number {
    return this.#packages.push(owner) - 1;
  }

  /** The package that is added first keeps a path: Debian's packages may share directories. */
  add(path: string | PathBytes, packageNumber: number): void {
    if (2 * (this.#size + 1) * slotWords > this.#slots.length) this.#grow();
    const [low, high] = this.#hashOf(path);
    this.#put(low, high, packageNumber + 1);
  }

  find(path: string): OwnerPackage | null {
    const [low, high] = this.#hashOf(path);
    const at = this.#slotOf(low, high);
    return this.#packages[(this.#slots[at + 2] ?? 0) - 1] ?? null;
  }

  #put(low: number, high: number, owner: number): void {
    const at = this.#slotOf(low, high);
    if (this.#slots[at + 2] !== 0) return;
    this.#slots[at] = low;
    this.#slots[at + 1] = high;
    this.#slots[at + 2] = owner;
    this.#size++;
  }

  /** Where that hash is, or would be put. */
  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length / slotWords - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * slotWords;
      const isFree = this.#slots[at + 2] === 0;
      if (isFree || (this.#slots[at] === low && this.#slots[at + 1] === high)) return at;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    this.#size = 0;
    for (let at = 0; at < before.length; at += slotWords) {
      const owner = before[at + 2] ?? 0;
      if (owner !== 0) this.#put(before[at] ?? 0, before[at + 1] ?? 0, owner);
    }
  }

  #hashOf(path: string | PathBytes): readonly [number, number] {
    const { bytes, start, end } = typeof path === "string" ? whole(path) : path;
    return this.#hash.hash(bytes, start, end);
  }
}

function whole(path: string): PathBytes {
  const bytes = Buffer.from(path);
  return { bytes, start: 0, end: bytes.length };
}
