import { Type } from "typebox";
import { functionListStatement, isOfferedFunction } from "../../sql/function_list.js";
import { requesterOf } from "../auth/caller.js";
import { readRows } from "../read_rows.js";
import { defineRoutes } from "./define_routes.js";

const functionsAnswer = Type.Object({
  functions: Type.Array(Type.String(), { description: "Functions, sorted by name." }),
});

/** The SQL functions, for clients that complete statements. */
export const functionsRoutes = defineRoutes({
  name: "functions",
  register(app, { admission, context }) {
    app.get(
      "/v1/functions",
      { schema: { summary: "List the SQL functions", response: { 200: functionsAnswer } } },
      async (request) => {
        const query = await admission.start(
          {
            sql: functionListStatement,
            format: "ndjson",
            limits: context.limits.query,
          },
          requesterOf(request),
        );
        const names = (await readRows(query)).map((row) => String(row["name"]));
        return { functions: names.filter(isOfferedFunction) };
      },
    );
  },
});
