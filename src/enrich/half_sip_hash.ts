/**
 * HalfSipHash-2-4 with 64 bits (https://github.com/veorq/SipHash): who does not know the key can
 * make no bytes that share the hash of another. A package database has some hundred thousand paths,
 * and an object of node:crypto for each takes ten times as long.
 */
export class HalfSipHash {
  readonly #key: readonly [number, number];
  readonly #state = new Int32Array(4);

  /** `key` has 8 bytes. */
  constructor(key: Buffer) {
    this.#key = [key.readInt32LE(0), key.readInt32LE(4)];
  }

  /** Low and high half of the hash of bytes `start` to `end`. */
  hash(bytes: Buffer, start: number, end: number): readonly [number, number] {
    this.#begin();
    const whole = end - ((end - start) & 3);
    for (let at = start; at < whole; at += 4) this.#take(bytes.readInt32LE(at));
    let last = (end - start) << 24;
    for (let at = whole; at < end; at++) last |= bytes.readUInt8(at) << (8 * (at - whole));
    this.#take(last);
    return [this.#finish(2, 0xee), this.#finish(1, 0xdd)];
  }

  #begin(): void {
    const [low, high] = this.#key;
    const state = this.#state;
    state[0] = low;
    state[1] = high ^ 0xee;
    state[2] = 0x6c796765 ^ low;
    state[3] = 0x74656462 ^ high;
  }

  #take(word: number): void {
    const state = this.#state;
    state[3] = (state[3] ?? 0) ^ word;
    this.#mix(2);
    state[0] = (state[0] ?? 0) ^ word;
  }

  #finish(index: 1 | 2, constant: number): number {
    const state = this.#state;
    state[index] = (state[index] ?? 0) ^ constant;
    this.#mix(4);
    return ((state[1] ?? 0) ^ (state[3] ?? 0)) >>> 0;
  }

  #mix(rounds: number): void {
    const state = this.#state;
    let a = state[0] ?? 0;
    let b = state[1] ?? 0;
    let c = state[2] ?? 0;
    let d = state[3] ?? 0;
    for (let round = 0; round < rounds; round++) {
      a = (a + b) | 0;
      b = rotated(b, 5) ^ a;
      a = rotated(a, 16);
      c = (c + d) | 0;
      d = rotated(d, 8) ^ c;
      a = (a + d) | 0;
      d = rotated(d, 7) ^ a;
      c = (c + b) | 0;
      b = rotated(b, 13) ^ c;
      c = rotated(c, 16);
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
  }
}

const rotated = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
