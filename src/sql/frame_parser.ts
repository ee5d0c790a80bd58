const headerBytes = 8;

/** Where the frames of a worker go. */
export interface FrameSink {
  /** Payload of a frame of the generation, in pieces as they arrived. */
  data(generation: number, bytes: Buffer): void;
  /** The frame of length 0. */
  end(generation: number): void;
}

/** Takes frames (`u32 length, u32 generation`, little-endian, then the bytes) out of a stream of
 * bytes, without copying payload and without waiting for whole frames. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  #generation = 0;
  #payloadLeft = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      at += this.#payloadLeft > 0 ? this.#takePayload(chunk, at) : this.#takeHeader(chunk, at);
    }
  }

  #takePayload(chunk: Buffer, at: number): number {
    const bytes = chunk.subarray(at, at + this.#payloadLeft);
    this.#payloadLeft -= bytes.length;
    this.#sink.data(this.#generation, bytes);
    return bytes.length;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#headerFilled, at);
    this.#headerFilled += copied;
    if (this.#headerFilled < headerBytes) return copied;
    this.#headerFilled = 0;
    this.#payloadLeft = this.#header.readUInt32LE(0);
    this.#generation = this.#header.readUInt32LE(4);
    if (this.#payloadLeft === 0) this.#sink.end(this.#generation);
    return copied;
  }
}
