// Pages of a hash database of Berkeley DB (dbinc/db_page.h), as rpm wrote them before 4.16.

const MAGIC = 0x061561;
const MAGIC_AT = 12;
const PAGE_SIZE_AT = 20;
const LAST_PAGE_AT = 32;

const PAGE_HEADER_BYTES = 26;
const NEXT_PAGE_AT = 16;
const ENTRIES_AT = 20;
const FREE_AT = 22;
const TYPE_AT = 25;
const HASH_PAGES = [2, 13];
const OVERFLOW_PAGE = 7;
const KEYDATA_ITEM = 1;
const OFF_PAGE_ITEM = 3;

/** Reads numbers in the order of the machine that wrote the file. */
interface Order {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

function orderOf(file: Buffer): Order | null {
  const orders: readonly Order[] = [
    { u16: (at) => file.readUInt16LE(at), u32: (at) => file.readUInt32LE(at) },
    { u16: (at) => file.readUInt16BE(at), u32: (at) => file.readUInt32BE(at) },
  ];
  return orders.find(({ u32 }) => u32(MAGIC_AT) === MAGIC) ?? null;
}

interface HashFile {
  readonly bytes: Buffer;
  readonly order: Order;
  readonly pageSize: number;
}

/** A value that does not fit into its page: overflow pages, chained. */
function overflowValue({ bytes, order, pageSize }: HashFile, firstPage: number, size: number) {
  const parts: Buffer[] = [];
  let total = 0;
  for (let page = firstPage; page !== 0 && total < size; ) {
    const at = page * pageSize;
    if (at + pageSize > bytes.length || bytes[at + TYPE_AT] !== OVERFLOW_PAGE) return null;
    const length = Math.min(order.u16(at + FREE_AT), pageSize - PAGE_HEADER_BYTES);
    // A page without data would make a circle of pages endless.
    if (length === 0) return null;
    parts.push(bytes.subarray(at + PAGE_HEADER_BYTES, at + PAGE_HEADER_BYTES + length));
    total += length;
    page = order.u32(at + NEXT_PAGE_AT);
  }
  return total < size ? null : Buffer.concat(parts).subarray(0, size);
}

/** Keys and values take turns; items fill a page from its end, so one ends where the item before
 * it begins. */
function* pageValues(file: HashFile, pageAt: number): Iterable<Buffer> {
  const { bytes, order, pageSize } = file;
  const count = Math.min(order.u16(pageAt + ENTRIES_AT), (pageSize - PAGE_HEADER_BYTES) / 2);
  const itemAt = (index: number) => pageAt + order.u16(pageAt + PAGE_HEADER_BYTES + index * 2);
  for (let index = 1; index < count; index += 2) {
    const at = itemAt(index);
    if (bytes[at] === KEYDATA_ITEM) yield bytes.subarray(at + 1, itemAt(index - 1));
    if (bytes[at] !== OFF_PAGE_ITEM || at + 12 > bytes.length) continue;
    const value = overflowValue(file, order.u32(at + 4), order.u32(at + 8));
    if (value !== null) yield value;
  }
}

/** Values of a hash database; none for another kind of file. */
export function* berkeleyHashValues(bytes: Buffer): Iterable<Buffer> {
  const order = bytes.length < 72 ? null : orderOf(bytes);
  if (order === null) return;
  const pageSize = order.u32(PAGE_SIZE_AT);
  if (pageSize < 512 || pageSize > 65_536) return;
  const file = { bytes, order, pageSize };
  const pages = Math.min(order.u32(LAST_PAGE_AT) + 1, Math.floor(bytes.length / pageSize));
  for (let page = 1; page < pages; page++) {
    const at = page * pageSize;
    if (HASH_PAGES.includes(bytes[at + TYPE_AT] ?? 0)) yield* pageValues(file, at);
  }
}
