// Header of a package as rpm stores it (rpm's docs/manual/format_header.md): an index of entries
// and the data that they point to, all in big-endian order.

const entryBytes = 16;
const preambleBytes = 8;
const maxEntries = 65_536;

const tagTypes = { int16: 3, int32: 4, int64: 5, string: 6, stringArray: 8, i18nString: 9 };

export const rpmTag = {
  sha1: 269,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  installTime: 1008,
  size: 1009,
  vendor: 1011,
  group: 1016,
  arch: 1022,
  fileSizes: 1028,
  fileModes: 1030,
  fileDigests: 1035,
  fileUserNames: 1039,
  fileGroupNames: 1040,
  sourceRpm: 1044,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  longFileSizes: 5008,
  longSize: 5009,
  fileDigestAlgorithm: 5011,
} as const;

type Tag = (typeof rpmTag)[keyof typeof rpmTag];

interface Entry {
  readonly type: number;
  readonly at: number;
  readonly count: number;
}

/** Values of a package by tag; what is missing or goes beyond the end is left out. */
export class RpmHeader {
  readonly #data: Buffer;
  readonly #entries: ReadonlyMap<number, Entry>;

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(data: Buffer, entries: ReadonlyMap<number, Entry>) {
    this.#data = data;
    this.#entries = entries;
  }

  /** Null for bytes that are no header. */
  static parse(bytes: Buffer): RpmHeader | null {
    if (bytes.length < preambleBytes) return null;
    const count = bytes.readUInt32BE(0);
    const dataAt = preambleBytes + count * entryBytes;
    if (count > maxEntries || dataAt + bytes.readUInt32BE(4) > bytes.length) return null;
    const entries = new Map<number, Entry>();
    for (let at = preambleBytes; at < dataAt; at += entryBytes) {
      const entry = {
        type: bytes.readUInt32BE(at + 4),
        at: bytes.readUInt32BE(at + 8),
        count: bytes.readUInt32BE(at + 12),
      };
      entries.set(bytes.readUInt32BE(at), entry);
    }
    return new RpmHeader(bytes.subarray(dataAt), entries);
  }

  strings(tag: Tag): readonly string[] {
    const entry = this.#entries.get(tag);
    const types = [tagTypes.string, tagTypes.stringArray, tagTypes.i18nString];
    if (entry === undefined || !types.includes(entry.type)) return [];
    const strings: string[] = [];
    for (let at = entry.at; strings.length < entry.count; ) {
      const end = this.#data.indexOf(0, at);
      if (end < 0) break;
      strings.push(this.#data.toString("utf8", at, end));
      at = end + 1;
    }
    return strings;
  }

  numbers(tag: Tag): readonly number[] {
    const entry = this.#entries.get(tag);
    const width = entry === undefined ? undefined : this.#widths.get(entry.type);
    if (entry === undefined || width === undefined) return [];
    const fits = Math.max(Math.floor((this.#data.length - entry.at) / width), 0);
    return Array.from({ length: Math.min(entry.count, fits) }, (_, index) => {
      const at = entry.at + index * width;
      return width === 8
        ? Number(this.#data.readBigUInt64BE(at))
        : this.#data.readUIntBE(at, width);
    });
  }

  string(tag: Tag): string | null {
    return this.strings(tag)[0] ?? null;
  }

  number(tag: Tag): number | null {
    return this.numbers(tag)[0] ?? null;
  }

  readonly #widths: ReadonlyMap<number, number> = new Map([
    [tagTypes.int16, 2],
    [tagTypes.int32, 4],
    [tagTypes.int64, 8],
  ]);
}
