import { hex, type SmbiosStructure } from "./smbios.js";

const seeExtended = 0xffffffff;

interface Range {
  readonly starting_address: string | null;
  readonly ending_address: string | null;
}

/** First and last address of types 19 and 20: in kibibytes, or, for memory beyond their 32 bits,
 * in bytes in fields of 64 bits. */
export function addressRange(structure: SmbiosStructure, extendedAt: number): Range {
  const [first, last] = [structure.dword(0x04), structure.dword(0x08)];
  const shown = (value: number | bigint | null, digits: number) =>
    value === null ? null : hex(value, digits);
  if (first !== seeExtended) {
    return { starting_address: shown(first, 8), ending_address: shown(last, 8) };
  }
  return {
    starting_address: shown(structure.qword(extendedAt), 12),
    ending_address: shown(structure.qword(extendedAt + 8), 12),
  };
}
