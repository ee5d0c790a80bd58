import { connect } from "node:net";
import type { RunningServer } from "./running_server.js";

/** Sends bytes as they are; answers with all that came back until the server closed. */
export async function sendRaw(server: RunningServer, bytes: string): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  // A reset is an end like another: what came before counts.
  const closed = new Promise((resolve) => {
    socket.on("error", () => {}).once("close", resolve);
  });
  socket.write(bytes);
  await closed;
  return text;
}
