import { connect, constants } from "node:http2";
import { connect as connectSocket } from "node:net";
import { encodeMessage, type ProtobufFields, ProtobufMessage } from "./protobuf_message.js";

export interface GrpcCall {
  readonly socketPath: string;
  /** `/package.Service/Method` */
  readonly method: string;
  readonly message: ProtobufFields;
  readonly timeoutMs: number;
}

const ok = "0";
const notFound = "5";
/** A flag that says whether the message is compressed, and its length in four bytes. */
const prefixBytes = 5;
const maxBytes = 16 * 2 ** 20;

/** One unary call over a socket (grpc.io, PROTOCOL-HTTP2.md); null for NOT_FOUND. */
export async function callGrpc(call: GrpcCall): Promise<ProtobufMessage | null> {
  const session = connect("http://localhost", {
    createConnection: () => connectSocket(call.socketPath),
  });
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request(
        {
          [constants.HTTP2_HEADER_METHOD]: "POST",
          [constants.HTTP2_HEADER_PATH]: call.method,
          [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
          te: "trailers",
        },
        { signal: AbortSignal.timeout(call.timeoutMs) },
      );
      const parts: Buffer[] = [];
      let bytes = 0;
      let status: string | undefined;
      // A call that fails at once has its status in the first headers.
      const takeStatus = (headers: Readonly<Record<string, unknown>>) => {
        const given = headers["grpc-status"];
        if (typeof given === "string") status = given;
      };
      stream.on("response", takeStatus);
      stream.on("trailers", takeStatus);
      stream.on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > maxBytes) stream.destroy(new Error(`the response exceeds ${maxBytes} bytes`));
      });
      stream.on("error", reject);
      stream.on("end", () => {
        if (status === notFound) return resolve(null);
        if (status !== ok) return reject(new Error(`gRPC status ${status ?? "missing"}`));
        try {
          resolve(new ProtobufMessage(Buffer.concat(parts).subarray(prefixBytes)));
        } catch (error) {
          reject(error);
        }
      });
      const message = encodeMessage(call.message);
      const prefix = Buffer.alloc(prefixBytes);
      prefix.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([prefix, message]));
    });
  } finally {
    session.destroy();
  }
}
