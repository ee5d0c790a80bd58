import type { TableSocket, TableSources } from "../../native/table_sources.js";
import {
  decodeReply,
  encodeCall,
  type MethodCall,
  messageLength,
  type Reply,
} from "./dbus_message.js";

type Call = Omit<MethodCall, "serial">;

const receiveBytes = 64 * 1024;
const lineEnd = "\r\n";
// As many calls are under way at once, so that neither side waits for the other to read.
const maxCallsUnderWay = 64;

/** A connection to a message bus, or to a program that serves D-Bus itself. */
export class DbusClient {
  readonly #socket: TableSocket;
  #pending: Buffer = Buffer.alloc(0);
  #lastSerial = 0;

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(socket: TableSocket) {
    this.#socket = socket;
  }

  /** Null when nobody listens there, or refuses this user. */
  static connect(sources: TableSources, path: string, timeoutMs: number): DbusClient | null {
    const socket = sources.openSocket({ path }, timeoutMs);
    if (socket === null) return null;
    const client = new DbusClient(socket);
    if (client.#authenticate()) return client;
    client.close();
    return null;
  }

  close(): void {
    this.#socket.close();
  }

  /** Answers in the order of the calls; null for those that failed or were not answered. */
  *callAll(calls: Iterable<Call>): Iterable<Reply | null> {
    let batch: Call[] = [];
    for (const call of calls) {
      batch.push(call);
      if (batch.length < maxCallsUnderWay) continue;
      yield* this.#callBatch(batch);
      batch = [];
    }
    yield* this.#callBatch(batch);
  }

  call(call: Call): Reply | null {
    for (const reply of this.#callBatch([call])) return reply;
    return null;
  }

  #callBatch(calls: readonly Call[]): (Reply | null)[] {
    const first = this.#lastSerial + 1;
    const messages = calls.map((call) => encodeCall({ ...call, serial: ++this.#lastSerial }));
    const replies = calls.map((): Reply | null => null);
    if (calls.length === 0 || !this.#socket.send(Buffer.concat(messages))) return replies;
    for (let missing = calls.length; missing > 0; ) {
      const message = this.#receive();
      if (message === null) break;
      const reply = decodeReply(message);
      if (reply === null || reply.serial < first) continue;
      replies[reply.serial - first] = reply.isError ? null : reply;
      missing--;
    }
    return replies;
  }

  /** The next whole message; null at the end of the connection. */
  #receive(): Buffer | null {
    for (;;) {
      const length = messageLength(this.#pending);
      if (length === null) return null;
      if (length > 0 && this.#pending.length >= length) return this.#take(length);
      if (!this.#readMore()) return null;
    }
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }

  #readMore(): boolean {
    const bytes = this.#socket.receive(receiveBytes);
    if (bytes === null || bytes.length === 0) return false;
    this.#pending = Buffer.concat([this.#pending, bytes]);
    return true;
  }

  /** "Authentication Protocol": the kernel vouches for the user id that is claimed. */
  #authenticate(): boolean {
    const user = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    const lines = `\0AUTH EXTERNAL ${user}${lineEnd}BEGIN${lineEnd}`;
    if (!this.#socket.send(Buffer.from(lines, "latin1"))) return false;
    for (;;) {
      const end = this.#pending.indexOf(lineEnd, 0, "latin1");
      if (end >= 0) {
        return this.#take(end + lineEnd.length)
          .toString("latin1")
          .startsWith("OK ");
      }
      if (!this.#readMore()) return false;
    }
  }
}
