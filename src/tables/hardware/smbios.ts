import type { Host } from "../host.js";

const tablePath = "/sys/firmware/dmi/tables/DMI";
const headerBytes = 4;
const endOfTable = 127;

/** A structure of the SMBIOS table (DMTF DSP0134, 6.1). Fields beyond its end are null. */
export class SmbiosStructure {
  /** Place in the table, from 0. */
  readonly number: number;
  /** All of it: the fixed part, then the strings. */
  readonly bytes: Buffer;

  constructor(number: number, bytes: Buffer) {
    this.number = number;
    this.bytes = bytes;
  }

  get type(): number {
    return this.bytes[0] ?? 0;
  }

  get headerSize(): number {
    return this.bytes[1] ?? 0;
  }

  get handleNumber(): number {
    return this.bytes.readUInt16LE(2);
  }

  /** As other structures refer to it. */
  get handle(): string {
    return hex(this.handleNumber, 4);
  }

  byte(at: number): number | null {
    return at < this.headerSize ? (this.bytes[at] ?? null) : null;
  }

  word(at: number): number | null {
    return at + 2 <= this.headerSize ? this.bytes.readUInt16LE(at) : null;
  }

  dword(at: number): number | null {
    return at + 4 <= this.headerSize ? this.bytes.readUInt32LE(at) : null;
  }

  qword(at: number): bigint | null {
    return at + 8 <= this.headerSize ? this.bytes.readBigUInt64LE(at) : null;
  }

  /** A handle of another structure in a field. */
  handleAt(at: number): string | null {
    const number = this.word(at);
    return number === null ? null : hex(number, 4);
  }

  /** The string whose number stands in a field; empty for number 0. */
  string(at: number): string | null {
    const number = this.byte(at);
    if (number === null) return null;
    return number === 0 ? "" : this.numberedString(number);
  }

  /** Strings count from 1; what is missing is empty. */
  numberedString(number: number): string {
    const strings = this.bytes.toString("latin1", this.headerSize).split("\0");
    return (strings[number - 1] ?? "").trimEnd();
  }
}

/** `0x` and at least so many digits. */
export function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

/** Where the structure that begins at `at` ends: behind the two NULs after its strings. */
function structureEnd(table: Buffer, at: number): number {
  const end = table.indexOf("\0\0", at + (table[at + 1] ?? 0), "latin1");
  return end < 0 ? table.length : end + 2;
}

/** Structures of the firmware's table, in order; none where the kernel found no SMBIOS. */
export function* smbiosStructures(host: Host): Iterable<SmbiosStructure> {
  const table = host.readFile(tablePath) ?? Buffer.alloc(0);
  for (let at = 0, number = 0; at + headerBytes <= table.length; number++) {
    const headerSize = table[at + 1] ?? 0;
    if (headerSize < headerBytes || at + headerSize > table.length) return;
    const end = structureEnd(table, at);
    const structure = new SmbiosStructure(number, table.subarray(at, end));
    yield structure;
    if (structure.type === endOfTable) return;
    at = end;
  }
}

/** Those of one type. */
export function* structuresOfType(host: Host, type: number): Iterable<SmbiosStructure> {
  for (const structure of smbiosStructures(host)) if (structure.type === type) yield structure;
}

/** Name for a number of a field; null for one that the list does not have. */
export function nameOf(names: readonly string[], number: number | null): string | null {
  return number === null ? null : (names[number] ?? null);
}
