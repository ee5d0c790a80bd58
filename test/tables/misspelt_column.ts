import { defineTable } from "../../src/tables/define_table.js";

// Held by the compiler: without an error on the marked lines, these comments are errors.
export const misspelt = [
  // @ts-expect-error -- `day` is no column of uptime.
  defineTable("uptime", { generate: () => [{ day: 1 }] }),
  defineTable("uptime", {
    // @ts-expect-error -- nor is it one where rows are yielded.
    *generate() {
      yield { days: 1 };
      yield { days: 1, secs: 2 };
    },
  }),
  // @ts-expect-error -- a number column takes no text.
  defineTable("uptime", { generate: () => [{ days: "1" }] }),
  // @ts-expect-error -- there is no such table.
  defineTable("uptimes", { generate: () => [] }),
  defineTable("uptime", { generate: () => [{ days: 1, total_seconds: null }] }),
];
