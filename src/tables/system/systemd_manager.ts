import type { DbusClient } from "../sources/dbus_client.js";
import { MessageReader } from "../sources/dbus_message.js";

const systemdName = "org.freedesktop.systemd1";
const managerPath = "/org/freedesktop/systemd1";

/** A unit as ListUnits of org.freedesktop.systemd1(5) tells it. */
export interface Unit {
  readonly id: string;
  readonly description: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly following: string;
  readonly objectPath: string;
  readonly jobId: number;
  readonly jobType: string;
  readonly jobPath: string;
}

/** A property of a unit's interface `Unit` or `Service`. */
export interface UnitProperty {
  readonly unit: Unit;
  readonly interface: "Unit" | "Service";
  readonly name: string;
}

function readUnit(reader: MessageReader): Unit {
  reader.align(8);
  return {
    id: reader.string(),
    description: reader.string(),
    loadState: reader.string(),
    activeState: reader.string(),
    subState: reader.string(),
    following: reader.string(),
    objectPath: reader.string(),
    jobId: reader.number(),
    jobType: reader.string(),
    jobPath: reader.string(),
  };
}

/** Has the bus give this connection a name; a bus takes no other call before. */
export function greetBus(client: DbusClient): void {
  client.call({
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "Hello",
    arguments: [],
  });
}

/** Units that systemd has loaded; none when it does not answer. */
export function listUnits(client: DbusClient): readonly Unit[] {
  const reply = client.call({
    destination: systemdName,
    path: managerPath,
    interface: `${systemdName}.Manager`,
    member: "ListUnits",
    arguments: [],
  });
  if (reply === null) return [];
  const reader = new MessageReader(reply.body);
  // Length of the array, a(ssssssouso); its structures follow.
  reader.number();
  const units: Unit[] = [];
  while (!reader.align(8).isDone) units.push(readUnit(reader));
  return units;
}

/** Values of properties that are strings, in the order asked; null for what a unit has not. */
export function* readProperties(
  client: DbusClient,
  properties: readonly UnitProperty[],
): Iterable<string | null> {
  const calls = properties.map(({ unit, interface: kind, name }) => ({
    destination: systemdName,
    path: unit.objectPath,
    interface: "org.freedesktop.DBus.Properties",
    member: "Get",
    arguments: [`${systemdName}.${kind}`, name],
  }));
  for (const reply of client.callAll(calls)) {
    const reader = new MessageReader(reply?.body ?? Buffer.alloc(0));
    yield reply !== null && reader.signature() === "s" ? reader.string() : null;
  }
}
