import { Type } from "typebox";
import type { Pack } from "../../config/config.js";
import { defineRoutes } from "./define_routes.js";

const packAnswer = Type.Object({
  name: Type.String({ description: "main for the schedule of the configuration itself." }),
  platform: Type.Union([Type.String(), Type.Null()]),
  version: Type.Union([Type.String(), Type.Null()]),
  shard: Type.Number({ description: "Percentage of hosts; 0: all." }),
  discovery: Type.Array(Type.String(), {
    description: "The pack's queries run while each of these gives a row.",
  }),
  queries: Type.Array(Type.Object({ name: Type.String(), sql: Type.String() })),
});

const packsAnswer = Type.Object({ packs: Type.Array(packAnswer) });

/** The packs of the configuration. */
export const packsRoutes = defineRoutes({
  name: "packs",
  register(app, { context }) {
    app.get(
      "/v1/packs",
      { schema: { summary: "List the packs", response: { 200: packsAnswer } } },
      async () => ({ packs: context.config().schedule.packs.map(toAnswer) }),
    );
  },
});

function toAnswer(pack: Pack) {
  const { name, platform, version, shard, discovery, queries } = pack;
  return {
    name,
    platform,
    version,
    shard,
    discovery: [...discovery],
    queries: queries.map((query) => ({ name: query.name, sql: query.sql })),
  };
}
