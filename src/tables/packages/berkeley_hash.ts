// Pages of a hash database of Berkeley DB (dbinc/db_page.h), as rpm wrote them before 4.16.

const magic = 0x061561;
const magicAt = 12;
const pageSizeAt = 20;
const lastPageAt = 32;

const pageHeaderBytes = 26;
const nextPageAt = 16;
const entriesAt = 20;
const freeAt = 22;
const typeAt = 25;
const hashPages = [2, 13];
const overflowPage = 7;
const keydataItem = 1;
const offPageItem = 3;

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
  return orders.find(({ u32 }) => u32(magicAt) === magic) ?? null;
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
    if (at + pageSize > bytes.length || bytes[at + typeAt] !== overflowPage) return null;
    const length = Math.min(order.u16(at + freeAt), pageSize - pageHeaderBytes);
    // A page without data would make a circle of pages endless.
    if (length === 0) return null;
    parts.push(bytes.subarray(at + pageHeaderBytes, at + pageHeaderBytes + length));
    total += length;
    page = order.u32(at + nextPageAt);
  }
  return total < size ? null : Buffer.concat(parts).subarray(0, size);
}

/** Keys and values take turns; items fill a page from its end, so one ends where the item before
 * it begins. */
function* pageValues(file: HashFile, pageAt: number): Iterable<Buffer> {
  const { bytes, order, pageSize } = file;
  const count = Math.min(order.u16(pageAt + entriesAt), (pageSize - pageHeaderBytes) / 2);
  const itemAt = (index: number) => pageAt + order.u16(pageAt + pageHeaderBytes + index * 2);
  for (let index = 1; index < count; index += 2) {
    const at = itemAt(index);
    if (bytes[at] === keydataItem) yield bytes.subarray(at + 1, itemAt(index - 1));
    if (bytes[at] !== offPageItem || at + 12 > bytes.length) continue;
    const value = overflowValue(file, order.u32(at + 4), order.u32(at + 8));
    if (value !== null) yield value;
  }
}

/** Values of a hash database; none for another kind of file. */
export function* berkeleyHashValues(bytes: Buffer): Iterable<Buffer> {
  const order = bytes.length < 72 ? null : orderOf(bytes);
  if (order === null) return;
  const pageSize = order.u32(pageSizeAt);
  if (pageSize < 512 || pageSize > 65_536) return;
  const file = { bytes, order, pageSize };
  const pages = Math.min(order.u32(lastPageAt) + 1, Math.floor(bytes.length / pageSize));
  for (let page = 1; page < pages; page++) {
    const at = page * pageSize;
    if (hashPages.includes(bytes[at + typeAt] ?? 0)) yield* pageValues(file, at);
  }
}
