import { emitKeypressEvents, type Key } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import { setRawMode } from "./raw_mode.js";

/** Consumes a key; false passes it to the next handler. */
export type TakeKey = (key: Key) => boolean;

/**
 * The keys of a terminal as the line editor is to read them: without those that one of `takers`,
 * asked in their order, took. Readline itself lets nobody have a key before it.
 */
export function routeKeys(input: Readable, takers: readonly TakeKey[]): Readable {
  const editor = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => setRawMode(input, isRaw),
  });
  emitKeypressEvents(input);
  input.on("keypress", (_text: string | undefined, key: Key) => {
    if (!takers.some((take) => take(key))) editor.write(key.sequence ?? "");
  });
  input.once("end", () => editor.end());
  // Whoever borrows the terminal from the editor must find its keys unread.
  editor.on("pause", () => input.pause());
  editor.on("resume", () => input.resume());
  return editor;
}
