import { Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import { type Requester, requesterOf } from "../auth/caller.js";
import { type ProcessStatement, processStatements } from "../process_statements.js";
import { readLines } from "../read_rows.js";
import { defineRoutes, type RouteScope } from "./define_routes.js";

const row = Type.Record(Type.String(), Type.Unknown());
const rows = (description: string) => Type.Array(row, { description });

/** Described only: the bytes of the answer are made below. */
const treeAnswer: Readonly<Record<string, unknown>> = {
  description: "Stored data of a process.",
  content: {
    "application/json": {
      schema: Type.Object({
        process: Type.Record(Type.String(), Type.Unknown(), {
          description:
            "The process as of its newest exec, else its fork; with its exit, if it exited.",
        }),
        ancestors: rows("Ancestors, from the parent to the oldest stored one."),
        descendants: rows("Descendants, nearest first; depth 1 is a child."),
        sockets: rows("Socket calls of the process."),
        timeline: rows("Events of the process from all tables, in kernel order."),
        executable: rows(
          "The file now at the path of its executable, with its digests; it may differ from the file that ran. Empty with `executable=false`.",
        ),
      }),
    },
  },
};

const treeQuery = Type.Object(
  {
    // Query strings hold text alone.
    executable: Type.Optional(
      Type.String({
        pattern: "^(true|false)$",
        description: "false: do not read and hash the file. Default: true.",
      }),
    ),
  },
  { additionalProperties: false },
);

const processUuid = Type.Object({ uuid: Type.String({ pattern: "^[0-9A-Za-z-]{1,64}$" }) });

/** One process with all that is stored of it. */
export const processTreeRoutes = defineRoutes({
  name: "process_tree",
  register(app, scope) {
    app.get(
      "/v1/processes/:uuid/tree",
      {
        schema: {
          summary: "Get a process with its ancestors, descendants, sockets and timeline",
          params: processUuid,
          querystring: treeQuery,
          response: { 200: treeAnswer },
        },
      },
      async (request, reply) => {
        const tree = await readTree(scope, requesterOf(request), {
          uuid: request.params.uuid,
          withExecutable: request.query.executable !== "false",
        });
        return reply.type("application/json; charset=utf-8").send(tree);
      },
    );
  },
});

interface TreeRequest {
  readonly uuid: string;
  readonly withExecutable: boolean;
}

/** The answer as JSON, made of rows as the worker wrote them: kernel times are integers that no
 * JavaScript number holds. */
async function readTree(
  scope: RouteScope,
  requester: Requester,
  { uuid, withExecutable }: TreeRequest,
): Promise<string> {
  const read = (statement: ProcessStatement, parameter: string) =>
    readStatement(scope, requester, { statement, parameter });
  const [process] = await read("process", uuid);
  if (process === undefined) {
    throw new AuditqlError("process_missing", `No stored event has process_uuid ${uuid}.`);
  }
  const { path }: { readonly path?: unknown } = JSON.parse(process);
  const isPath = withExecutable && typeof path === "string" && path.startsWith("/");
  const parts = [
    ["ancestors", await read("ancestors", uuid)],
    ["descendants", await read("descendants", uuid)],
    ["sockets", await read("sockets", uuid)],
    ["timeline", await read("timeline", uuid)],
    ["executable", isPath ? await read("executable", path) : []],
  ] as const;
  return `{"process":${process},${parts.map(([name, rows]) => `"${name}":[${rows.join(",")}]`).join(",")}}`;
}

async function readStatement(
  { admission, context }: RouteScope,
  requester: Requester,
  { statement, parameter }: { readonly statement: ProcessStatement; readonly parameter: string },
): Promise<readonly string[]> {
  const query = await admission.start(
    {
      sql: processStatements[statement],
      parameters: { key: parameter },
      format: "ndjson",
      limits: { ...context.limits.query, maxBytes: 8 * 1024 * 1024 },
    },
    requester,
  );
  const { lines } = await readLines(query);
  return lines;
}
