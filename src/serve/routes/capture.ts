import { Type } from "typebox";
import type { CaptureState } from "../../native/capture_state.js";
import { defineRoutes } from "./define_routes.js";

const sight = Type.Union([Type.Literal("on"), Type.Literal("limited"), Type.Literal("off")], {
  description: "limited: some events are not seen.",
});
const nullable = Type.Union([Type.String(), Type.Null()]);

export const captureSchema = Type.Object(
  {
    host: Type.String({ description: "Name of the host." }),
    backend: Type.Union([Type.String(), Type.Null()], {
      description: "Backend that captures; null when none does.",
    }),
    since: Type.String({ description: "Since when that is so, ISO 8601." }),
    sources: Type.Array(
      Type.Object({
        name: Type.String({ description: "processes, sockets, files or records." }),
        state: sight,
        since: Type.String(),
        reason: nullable,
      }),
    ),
    tables: Type.Array(
      Type.Object({
        name: Type.String(),
        publisher: Type.String(),
        state: sight,
        reason: nullable,
      }),
      { description: "Event tables, and whether their rows come." },
    ),
    problems: Type.Array(
      Type.Object({
        name: Type.String(),
        severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
        since: Type.String(),
        reason: Type.String(),
        remedy: Type.String(),
      }),
    ),
  },
  { description: "What capture sees and does not see." },
);

/** The state as an answer holds it, whose lists may be changed. */
export function captureAnswer({ sources, tables, problems, ...state }: CaptureState) {
  return { ...state, sources: [...sources], tables: [...tables], problems: [...problems] };
}

/** What capture sees of the host, for the header of the page and for scripts. */
export const captureRoutes = defineRoutes({
  name: "capture",
  register(app, { context }) {
    app.get(
      "/v1/capture",
      {
        schema: {
          summary: "What capture sees, and what it does not see",
          response: { 200: captureSchema },
        },
      },
      async () => captureAnswer(context.capture()),
    );
  },
});
