import Type from "typebox";

const shared = {
  name: Type.String({ description: "Scheduled query." }),
  hostIdentifier: Type.String({ description: "This host, as host_identifier chooses." }),
  calendarTime: Type.String({ description: "UTC, as asctime(3) writes it." }),
  unixTime: Type.Integer({ description: "Seconds since 1970." }),
  epoch: Type.Integer({ description: "schedule_epoch of the run." }),
  counter: Type.Integer({ description: "Rises with each run that is logged; 0 is a full result." }),
  numerics: Type.Boolean({ description: "Whether numbers are numbers; else all are strings." }),
  decorations: Type.Optional(Type.Record(Type.String(), Type.String())),
};

const row = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]), {
  description: "Columns of a row, sorted by name.",
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
