import type { Socket } from "node:net";
import { AuditqlError } from "../../errors.js";
import type { App } from "../app.js";
import type { Transport } from "../auth/caller.js";
import { countRefusal } from "../problem_details.js";
import type { ServerContext } from "../server_context.js";

/** Bounds the connections of a listener; one more is closed at once, and counted. */
export function boundConnections(app: App, context: ServerContext, transport: Transport): void {
  const { connections } = context.limits;
  app.server.maxConnections = connections;
  app.server.on("drop", () => countRefusal(context, "connections_full"));
  if (transport === "unix") boundGuests(app, context, Math.ceil(connections / 2));
}

/** Others than root and the daemon's user take half of the socket at most: these always get in. */
function boundGuests(app: App, context: ServerContext, most: number): void {
  let guests = 0;
  app.server.on("connection", (socket: Socket) => {
    if (isOwner(socket, context)) return;
    if (guests >= most) {
      countRefusal(context, "connections_full");
      socket.destroy();
      return;
    }
    guests += 1;
    socket.once("close", () => {
      guests -= 1;
    });
  });
}

/** Who may not ask at all is told so when it asks. */
function isOwner(socket: Socket, { socketPeers }: ServerContext): boolean {
  try {
    return socketPeers.admit(socket).role === "admin";
  } catch (error) {
    if (error instanceof AuditqlError) return false;
    throw error;
  }
}
