import { Type } from "typebox";
import { requesterOf } from "../auth/caller.js";
import { readRows } from "../read_rows.js";
import { defineRoutes } from "./define_routes.js";

/** What can be ranked: events of a table by the values of one of its columns. */
const rankings = {
  path: { table: "process_events", where: "event_action = 'exec'" },
  username: { table: "process_events", where: "event_action = 'exec'" },
  container_id: { table: "process_events", where: "event_action = 'exec'" },
  remote_address: { table: "socket_events", where: "action = 'connect' and remote_address <> ''" },
  remote_port: { table: "socket_events", where: "action = 'connect' and remote_address <> ''" },
} as const;
type Ranking = keyof typeof rankings;

const topQuery = Type.Object(
  {
    by: Type.Optional(
      Type.Union(
        [
          Type.Literal("path"),
          Type.Literal("username"),
          Type.Literal("container_id"),
          Type.Literal("remote_address"),
          Type.Literal("remote_port"),
        ],
        {
          description:
            "Column to rank by: path, username and container_id count execs; the other columns count connects. Default: path.",
        },
      ),
    ),
    // Query strings hold text alone, and nothing is bent into shape.
    seconds: Type.Optional(
      Type.String({
        pattern: "^[1-9][0-9]{0,6}$",
        description: "Period in seconds. Default: 300.",
      }),
    ),
    limit: Type.Optional(
      Type.String({
        pattern: "^([1-9][0-9]?|100)$",
        description: "Number of rows, 1 to 100. Default: 10.",
      }),
    ),
  },
  { additionalProperties: false },
);

const topAnswer = Type.Object({
  by: Type.String(),
  seconds: Type.Number({ description: "Period to count, in seconds before now." }),
  top: Type.Array(
    Type.Object({
      value: Type.Union([Type.String(), Type.Null()]),
      events: Type.Number(),
      lastTime: Type.Number({ description: "Time in seconds since 1970." }),
    }),
  ),
});

/** Who makes most events. */
export const topRoutes = defineRoutes({
  name: "top",
  register(app, { admission, context }) {
    app.get(
      "/v1/top",
      {
        schema: {
          summary: "Get the executables, users, containers or addresses with the most events",
          querystring: topQuery,
          response: { 200: topAnswer },
        },
      },
      async (request) => {
        const { by = "path", seconds = "300", limit = "10" } = request.query;
        const since = Math.floor(Date.now() / 1000) - Number(seconds);
        const query = await admission.start(
          {
            sql: rankingStatement(by),
            parameters: { since, limit: Number(limit) },
            format: "ndjson",
            limits: context.limits.query,
          },
          requesterOf(request),
        );
        const top = (await readRows(query)).map((row) => ({
          value: row["value"] === null ? null : String(row["value"]),
          events: Number(row["events"]),
          lastTime: Number(row["last_time"]),
        }));
        return { by, seconds: Number(seconds), top };
      },
    );
  },
});

function rankingStatement(by: Ranking): string {
  const { table, where } = rankings[by];
  return `select ${by} as value, count(*) as events, max(time) as last_time from ${table}
    where ${where} and time >= :since group by 1 order by 2 desc, 1 limit :limit`;
}
