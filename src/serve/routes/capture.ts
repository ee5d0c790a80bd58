import { Type } from "typebox";
import type { CaptureState } from "../../native/capture_state.js";
import { defineRoutes } from "./define_routes.js";

const sight = Type.Union([Type.Literal("on"), Type.Literal("limited"), Type.Literal("off")], {
  description: "limited: some events are not captured.",
});
const nullable = Type.Union([Type.String(), Type.Null()]);

export const captureSchema = Type.Object(
  {
    host: Type.String({ description: "Host name." }),
    backend: Type.Union([Type.String(), Type.Null()], {
      description: "Active capture backend; null when no backend is active.",
    }),
    since: Type.String({ description: "Time since when this backend is active, ISO 8601." }),
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
      { description: "Event tables, and whether they receive rows." },
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
  { description: "State of capture: captured and missing events." },
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
          summary: "Get the state of capture",
          response: { 200: captureSchema },
        },
      },
      async () => captureAnswer(context.capture()),
    );
  },
});
