import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hardwareUuid } from "../../src/schedule/hardware_uuid.js";
import { hostIdentifier } from "../../src/schedule/host_identifier.js";
import { hostIdentity } from "../../src/schedule/host_identity.js";
import { StateDatabase } from "../../src/schedule/state_database.js";
import { temporaryFolder } from "../config/temporary_folder.js";

const made = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test("the hardware's uuid is taken as it is, a vendor's placeholder is none", (context) => {
  const path = join(temporaryFolder(context), "product_uuid");
  const read = (text: string) => {
    writeFileSync(path, text);
    return hardwareUuid(path);
  };
  assert.equal(
    read("4C4C4544-0032-3510-8058-B4C04F4D5332\n"),
    "4C4C4544-0032-3510-8058-B4C04F4D5332",
  );
  assert.equal(read(" a-b \0\0"), "a-b");
  assert.equal(read("03000200-0400-0500-0006-000700080009\n"), null);
  assert.equal(read("03020100-0504-0706-0809-0A0B0C0D0E0F\n"), null);
  assert.equal(read("\n"), null);
  assert.equal(hardwareUuid(`${path}/none`), null);
});

test("the identity is kept: the hardware's where there was one, else what was made up", (context) => {
  const folder = temporaryFolder(context);
  const open = (hardware: string | null) => {
    const database = new StateDatabase(folder);
    const identity = hostIdentity(database, () => hardware);
    database.close();
    return identity;
  };
  const first = open(null);
  assert.match(first.uuid, made);
  assert.match(first.instanceId, made);
  assert.notEqual(first.uuid, first.instanceId);
  assert.deepEqual(open(null), first);
  assert.deepEqual(open("HW"), { ...first, uuid: "HW" });
  assert.deepEqual(open(null), { ...first, uuid: "HW" });
});

test("host_identifier chooses among them, and the name of the host is the last resort", () => {
  const identity = { uuid: "u", instanceId: "i" };
  const of = (kind: string, specified = "") => hostIdentifier({ kind, specified }, identity);
  assert.equal(of("hostname"), hostname());
  assert.equal(of("uuid"), "u");
  assert.equal(of("instance"), "i");
  assert.match(of("ephemeral"), made);
  assert.equal(of("ephemeral"), of("ephemeral"));
  assert.equal(of("specified", "web-1"), "web-1");
  assert.equal(of("specified"), hostname());
  assert.equal(of("anything"), hostname());
});
