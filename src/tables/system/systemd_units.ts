import type { TableRequest } from "../../native/connection.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { DbusClient } from "../sources/dbus_client.js";
import {
  greetBus,
  listUnits,
  readProperties,
  type Unit,
  type UnitProperty,
} from "./systemd_manager.js";

type Row = TableRows["systemd_units"];

const busSocket = "/run/dbus/system_bus_socket";
// systemd itself, for root only; there also without a bus.
export const privateSocket = "/run/systemd/private";
const timeoutMs = 10_000;

const propertyColumns = [
  { column: "fragment_path", interface: "Unit", name: "FragmentPath" },
  { column: "source_path", interface: "Unit", name: "SourcePath" },
  { column: "unit_file_state", interface: "Unit", name: "UnitFileState" },
  { column: "user", interface: "Service", name: "User" },
] as const;

function unitRow(unit: Unit): Row {
  return {
    id: unit.id,
    description: unit.description,
    load_state: unit.loadState,
    active_state: unit.activeState,
    sub_state: unit.subState,
    following: unit.following,
    object_path: unit.objectPath,
    job_id: unit.jobId,
    job_type: unit.jobType,
    job_path: unit.jobPath,
  };
}

function connect(host: Host): DbusClient | null {
  const sources = host.sources();
  if (sources === null) return null;
  const manager = DbusClient.connect(sources, privateSocket, timeoutMs);
  if (manager !== null) return manager;
  const bus = DbusClient.connect(sources, busSocket, timeoutMs);
  if (bus !== null) greetBus(bus);
  return bus;
}

/** Rows of what answers at the other end of a connection. */
export function unitRows(client: DbusClient, request: TableRequest): readonly Row[] {
  const units = listUnits(client);
  const asked = units.flatMap((unit) =>
    propertyColumns
      .filter(
        ({ column, interface: kind }) =>
          request.columns.has(column) && (kind === "Unit" || unit.id.endsWith(".service")),
      )
      .map((property) => ({ ...property, unit })),
  );
  const values = new Map<Unit, Record<string, string | null>>();
  const properties: readonly UnitProperty[] = asked;
  const found = readProperties(client, properties)[Symbol.iterator]();
  for (const { unit, column } of asked) {
    const value = found.next().value ?? null;
    values.set(unit, { ...values.get(unit), [column]: value });
  }
  return units.map((unit) => {
    // As osquery: what a unit has not is empty, so that expressions with it are no NULL.
    const of = (column: string) => values.get(unit)?.[column] ?? "";
    return {
      ...unitRow(unit),
      fragment_path: of("fragment_path"),
      source_path: of("source_path"),
      unit_file_state: of("unit_file_state"),
      user: of("user"),
    };
  });
}

export const systemdUnits = defineTable("systemd_units", {
  *generate(request, host) {
    const client = connect(host);
    if (client === null) {
      yield* host.privilegedReads()?.units([...request.columns]) ?? [];
      return;
    }
    try {
      yield* unitRows(client, request);
    } finally {
      client.close();
    }
  },
});
