/** A field of a message on the wire (protobuf.dev/programming-guides/encoding). */
type Field = string | ProtobufFields;

/** Fields of a message to write, by number. */
export type ProtobufFields = readonly (readonly [number, Field])[];

const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

function encodeVarint(number: number): number[] {
  const bytes: number[] = [];
  let left = number;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}

/** Encodes texts and nested messages. */
export function encodeMessage(fields: ProtobufFields): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      const bytes = typeof value === "string" ? Buffer.from(value) : encodeMessage(value);
      const head = [...encodeVarint(number * 8 + lengthDelimited), ...encodeVarint(bytes.length)];
      return [Buffer.from(head), bytes];
    }),
  );
}

/** A received message; of its fields, texts, bytes and messages are kept. */
export class ProtobufMessage {
  readonly #fields = new Map<number, Buffer[]>();

  /** Throws a RangeError when the bytes are no message. */
  constructor(bytes: Buffer) {
    let at = 0;
    const takeVarint = () => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes.readUInt8(at++);
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        if (scale > 2 ** 63) throw new RangeError("unterminated varint");
      }
    };
    while (at < bytes.length) {
      const tag = takeVarint();
      const kind = tag % 8;
      if (kind === varint) takeVarint();
      else if (kind === fixed64) at += 8;
      else if (kind === fixed32) at += 4;
      else if (kind === lengthDelimited) {
        const length = takeVarint();
        if (at + length > bytes.length) throw new RangeError("truncated field");
        const number = Math.floor(tag / 8);
        this.#fields.set(number, [...this.#all(number), bytes.subarray(at, at + length)]);
        at += length;
      } else throw new RangeError(`unknown wire type ${kind}`);
    }
  }

  #all(number: number): Buffer[] {
    return this.#fields.get(number) ?? [];
  }

  /** The last field of that number, which counts; empty without one, as in proto3. */
  text(number: number): string {
    return this.#all(number).at(-1)?.toString("utf8") ?? "";
  }

  message(number: number): ProtobufMessage {
    return new ProtobufMessage(this.#all(number).at(-1) ?? Buffer.alloc(0));
  }

  messages(number: number): readonly ProtobufMessage[] {
    return this.#all(number).map((bytes) => new ProtobufMessage(bytes));
  }

  /** map<string, string> */
  texts(number: number): Readonly<Record<string, string>> {
    return Object.fromEntries(this.messages(number).map((entry) => [entry.text(1), entry.text(2)]));
  }
}
