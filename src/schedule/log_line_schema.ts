import Type from "typebox";

const shared = {
  name: Type.String({ description: "Scheduled query." }),
  hostIdentifier: Type.String({
    description: "Identifier of this host, selected by host_identifier.",
  }),
  calendarTime: Type.String({ description: "Time in UTC, in the format of asctime(3)." }),
  unixTime: Type.Integer({ description: "Time in seconds since 1970." }),
  epoch: Type.Integer({ description: "schedule_epoch of the run." }),
  counter: Type.Integer({ description: "Counter of logged runs; 0 for a full result." }),
  numerics: Type.Boolean({
    description: "true when numbers are JSON numbers, false when they are strings.",
  }),
  decorations: Type.Optional(Type.Record(Type.String(), Type.String())),
};

const row = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]), {
  description: "Columns of the row, sorted by name.",
});

/** One line of the results or snapshots log, in each of osquery's formats. */
export const logLineSchema = Type.Union(
  [
    Type.Object({
      ...shared,
      columns: row,
      action: Type.Union([
        Type.Literal("added"),
        Type.Literal("removed"),
        Type.Literal("snapshot"),
      ]),
    }),
    Type.Object({
      diffResults: Type.Object({ removed: Type.Array(row), added: Type.Array(row) }),
      ...shared,
    }),
    Type.Object({
      snapshot: Type.Array(row),
      action: Type.Literal("snapshot"),
      ...shared,
    }),
  ],
  { $id: "auditql-log-line" },
);
