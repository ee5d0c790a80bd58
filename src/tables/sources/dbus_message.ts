// Messages of the D-Bus specification, "Message Protocol", in little-endian order.

const methodCall = 1;
const methodReturn = 2;
const version = 1;
const headerFields = {
  path: 1,
  interface: 2,
  member: 3,
  replySerial: 5,
  destination: 6,
  signature: 8,
};
const fixedHeaderBytes = 16;
// The specification's own limit.
const maxMessageBytes = 128 * 2 ** 20;

export interface MethodCall {
  readonly serial: number;
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Arguments; only strings are supported. */
  readonly arguments: readonly string[];
}

export interface Reply {
  readonly serial: number;
  readonly isError: boolean;
  readonly body: Buffer;
}

const aligned = (length: number, to: number): number => Math.ceil(length / to) * to;

class MessageWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;

  #push(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  align(to: number): this {
    this.#push(Buffer.alloc(aligned(this.#length, to) - this.#length));
    return this;
  }

  bytes(...values: number[]): this {
    this.#push(Buffer.from(values));
    return this;
  }

  number(value: number): this {
    this.align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.#push(bytes);
    return this;
  }

  string(text: string): this {
    const bytes = Buffer.from(text, "utf8");
    this.number(bytes.length).#push(Buffer.concat([bytes, Buffer.alloc(1)]));
    return this;
  }

  signature(text: string): this {
    this.#push(Buffer.from(`${String.fromCharCode(text.length)}${text}\0`, "latin1"));
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function encodeFields(call: MethodCall): Buffer {
  const writer = new MessageWriter();
  const field = (code: number, type: string, value: string) => {
    writer.align(8).bytes(code).signature(type);
    if (type === "g") writer.signature(value);
    else writer.string(value);
  };
  field(headerFields.path, "o", call.path);
  field(headerFields.interface, "s", call.interface);
  field(headerFields.member, "s", call.member);
  field(headerFields.destination, "s", call.destination);
  if (call.arguments.length > 0)
    field(headerFields.signature, "g", "s".repeat(call.arguments.length));
  return writer.done();
}

export function encodeCall(call: MethodCall): Buffer {
  const body = new MessageWriter();
  for (const argument of call.arguments) body.string(argument);
  const bodyBytes = body.done();
  const fields = encodeFields(call);
  const head = new MessageWriter()
    .bytes("l".charCodeAt(0), methodCall, 0, version)
    .number(bodyBytes.length)
    .number(call.serial)
    .number(fields.length)
    .done();
  const padding = Buffer.alloc(aligned(fields.length, 8) - fields.length);
  return Buffer.concat([head, fields, padding, bodyBytes]);
}

/** Reads values of a body; what goes beyond its end reads as empty. */
export class MessageReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length;
  }

  align(to: number): this {
    this.#at = aligned(this.#at, to);
    return this;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  number(): number {
    this.align(4);
    const value = this.#at + 4 <= this.#bytes.length ? this.#bytes.readUInt32LE(this.#at) : 0;
    this.#at += 4;
    return value;
  }

  string(): string {
    const length = this.number();
    return this.#take(length);
  }

  signature(): string {
    return this.#take(this.byte());
  }

  #take(length: number): string {
    const text = this.#bytes.toString("utf8", this.#at, this.#at + length);
    this.#at += length + 1;
    return text;
  }
}

/** Serial of the call that a message answers; null when it answers none. */
function replySerial(fields: Buffer): number | null {
  const reader = new MessageReader(fields);
  while (!reader.isDone) {
    const code = reader.align(8).byte();
    const type = reader.signature();
    if (code === headerFields.replySerial) return reader.number();
    if (type === "u") reader.number();
    else if (type === "g") reader.signature();
    else reader.string();
  }
  return null;
}

/** Bytes of the message that begins there; 0 when that cannot be told yet, null for what is no
 * message of this kind. */
export function messageLength(bytes: Buffer): number | null {
  if (bytes.length < fixedHeaderBytes) return 0;
  if (bytes[0] !== "l".charCodeAt(0)) return null;
  const fields = aligned(bytes.readUInt32LE(12), 8);
  const total = fixedHeaderBytes + fields + bytes.readUInt32LE(4);
  return total > maxMessageBytes ? null : total;
}

/** Null for a message that answers no call, such as a signal. */
export function decodeReply(message: Buffer): Reply | null {
  const fieldsLength = message.readUInt32LE(12);
  const fields = message.subarray(fixedHeaderBytes, fixedHeaderBytes + fieldsLength);
  const serial = replySerial(fields);
  if (serial === null) return null;
  const body = message.subarray(fixedHeaderBytes + aligned(fieldsLength, 8));
  return { serial, isError: message[1] !== methodReturn, body };
}
