import { Type } from "typebox";
import type { Pack } from "../../config/config.js";
import { defineRoutes } from "./define_routes.js";

const packAnswer = Type.Object({
  name: Type.String({
    description: "Name of the pack; main for the schedule of the configuration itself.",
  }),
  platform: Type.Union([Type.String(), Type.Null()]),
  version: Type.Union([Type.String(), Type.Null()]),
  shard: Type.Number({ description: "Percentage of hosts that run the pack; 0: all hosts." }),
  discovery: Type.Array(Type.String(), {
    description: "Discovery queries. The pack is active while each of them returns a row.",
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
