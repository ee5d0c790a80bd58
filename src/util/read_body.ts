/** The bytes of a response or an input. Throws `tooLarge()` as soon as there are more than `maxBytes`. */
export async function readBody(
  body: AsyncIterable<Buffer>,
  { maxBytes, tooLarge }: { readonly maxBytes: number; readonly tooLarge: () => Error },
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}
