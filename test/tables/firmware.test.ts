// SMBIOS structures as DSP0134 3.7 lays them out, and EFI variables as UEFI 2.10 does.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "./independent_source.js";
import { pick, rowsOn } from "./made_up_host.js";

const dmiTable = "sys/firmware/dmi/tables/DMI";

interface Field {
  readonly at: number;
  readonly value: number | bigint;
  readonly bytes: 1 | 2 | 4 | 8;
}

const byte = (at: number, value: number): Field => ({ at, value, bytes: 1 });
const word = (at: number, value: number): Field => ({ at, value, bytes: 2 });
const dword = (at: number, value: number): Field => ({ at, value, bytes: 4 });
const qword = (at: number, value: bigint): Field => ({ at, value, bytes: 8 });

interface Structure {
  readonly type: number;
  readonly handle: number;
  readonly size: number;
  readonly fields?: readonly Field[];
  readonly strings?: readonly string[];
}

function encode({ type, handle, size, fields = [], strings = [] }: Structure): Buffer {
  const fixed = Buffer.alloc(size);
  fixed.set([type, size]);
  fixed.writeUInt16LE(handle, 2);
  for (const { at, value, bytes } of fields) {
    if (bytes === 8) fixed.writeBigUInt64LE(BigInt(value), at);
    else fixed.writeUIntLE(Number(value), at, bytes);
  }
  const text = strings.length === 0 ? "\0\0" : `${strings.join("\0")}\0\0`;
  return Buffer.concat([fixed, Buffer.from(text, "latin1")]);
}

const endOfTable: Structure = { type: 127, handle: 0xfeff, size: 4 };
const on = (...structures: Structure[]) => ({
  [dmiTable]: Buffer.concat([...structures, endOfTable].map(encode)),
});

test("smbios_tables and oem_strings list structures up to the end of the table", () => {
  const oem = { type: 11, handle: 0x0b00, size: 5, fields: [byte(4, 2)], strings: ["one ", "two"] };
  const files = on(oem);
  files[dmiTable] = Buffer.concat([files[dmiTable] ?? Buffer.alloc(0), Buffer.alloc(64)]);
  const columns = ["number", "type", "description", "handle", "header_size", "size"];
  assert.deepEqual(pick(rowsOn(files, "smbios_tables"), ...columns), [
    [0, 11, "OEM Strings", 0x0b00, 5, 15],
    [1, 127, "End-of-Table", 0xfeff, 4, 6],
  ]);
  assert.deepEqual(pick(rowsOn(files, "oem_strings"), "handle", "number", "value"), [
    ["0x0b00", 1, "one"],
    ["0x0b00", 2, "two"],
  ]);
});

test("platform_info and cpu_info describe firmware and sockets", () => {
  const files = on(
    {
      type: 0,
      handle: 0,
      size: 24,
      fields: [
        byte(4, 1),
        byte(5, 2),
        word(6, 0xe800),
        byte(8, 3),
        byte(9, 15),
        byte(20, 4),
        byte(21, 6),
      ],
      strings: ["Vendor", "1.0", "01/02/2024"],
    },
    {
      type: 4,
      handle: 4,
      size: 0x30,
      fields: [
        ...[byte(4, 1), byte(5, 3), byte(7, 2), byte(0x10, 3), word(0x14, 4000), word(0x16, 2500)],
        ...[byte(0x18, 0x41), byte(0x23, 0xff), byte(0x25, 64), word(0x26, 4), word(0x2a, 300)],
      ],
      strings: ["CPU 0", "Maker", "Model X"],
    },
  );
  const platform = pick(
    rowsOn(files, "platform_info"),
    "vendor",
    "date",
    "revision",
    "address",
    "size",
  );
  assert.deepEqual(platform, [["Vendor", "01/02/2024", "4.6", "0xe800", String(16 * 65_536)]]);
  const columns =
    "device_id model number_of_cores logical_processors address_width max_clock_speed";
  assert.deepEqual(pick(rowsOn(files, "cpu_info"), ...columns.split(" ")), [
    ["CPU0", "Model X", "300", 64, "64", 4000],
  ]);
});

test("memory tables refer to each other by handle", () => {
  const files = on(
    {
      type: 16,
      handle: 0x1000,
      size: 0x17,
      fields: [
        ...[byte(4, 3), byte(5, 3), byte(6, 6), dword(7, 0x80000000), word(0x0b, 0xfffe)],
        ...[word(0x0d, 2), qword(0x0f, 64n * 2n ** 30n)],
      ],
    },
    {
      type: 17,
      handle: 0x1100,
      size: 0x28,
      fields: [
        ...[word(4, 0x1000), word(8, 72), word(0x0a, 64), word(0x0c, 0x7fff), byte(0x0e, 9)],
        ...[byte(0x10, 1), byte(0x12, 0x1a), word(0x13, 0x2080), word(0x15, 3200)],
        ...[dword(0x1c, 32_768), word(0x20, 2933), word(0x22, 0), word(0x26, 1200)],
      ],
      strings: ["DIMM A1"],
    },
    {
      type: 19,
      handle: 0x1300,
      size: 0x1f,
      fields: [
        ...[dword(4, 0xffffffff), dword(8, 0xffffffff), word(0x0c, 0x1000), byte(0x0e, 1)],
        ...[qword(0x0f, 0x100000000n), qword(0x17, 0x1ffffffffn)],
      ],
    },
    { type: 20, handle: 0x1400, size: 0x13, fields: [dword(8, 0x3fffff), word(0x0c, 0x1100)] },
    { type: 18, handle: 0x1200, size: 0x17, fields: [byte(4, 3), dword(0x0b, 0x80000000)] },
  );
  const array = [
    "handle",
    "use",
    "memory_error_correction",
    "max_capacity",
    "memory_error_info_handle",
  ];
  assert.deepEqual(pick(rowsOn(files, "memory_arrays"), ...array), [
    ["0x1000", "System memory", "Multi-bit ECC", 64, null],
  ]);
  const device = "array_handle total_width size form_factor memory_type memory_type_details";
  assert.deepEqual(
    pick(rowsOn(files, "memory_devices"), ...device.split(" "), "max_speed", "min_voltage"),
    [["0x1000", 72, 32_768, "DIMM", "DDR4", "Synchronous Registered (Buffered)", 3200, null]],
  );
  const range = ["starting_address", "ending_address"];
  assert.deepEqual(pick(rowsOn(files, "memory_array_mapped_addresses"), ...range), [
    ["0x000100000000", "0x0001ffffffff"],
  ]);
  assert.deepEqual(
    pick(rowsOn(files, "memory_device_mapped_addresses"), "memory_device_handle", ...range),
    [["0x1100", "0x00000000", "0x003fffff"]],
  );
  assert.deepEqual(pick(rowsOn(files, "memory_error_info"), "error_type", "device_error_address"), [
    ["OK", "0x00000000"],
  ]);
});

test("a table that is cut anywhere gives what is whole, and no error", () => {
  const whole =
    on({ type: 17, handle: 1, size: 0x28, strings: ["a", "b"] })[dmiTable] ?? Buffer.alloc(0);
  for (let length = 0; length < whole.length; length++) {
    const files = { [dmiTable]: whole.subarray(0, length) };
    assert.ok(rowsOn(files, "memory_devices").length <= 1);
    assert.ok(rowsOn(files, "smbios_tables").length <= 2);
  }
});

function certificate(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "auditql-certificate-"));
  try {
    const path = join(folder, "der");
    const name = ["-subj", "/CN=Test CA/O=auditql", "-keyout", "/dev/null", "-days", "1"];
    spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-outform",
      "DER",
      "-out",
      path,
      ...name,
    ]);
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Attributes, then one list with one signature. */
function signatureList(type: string, data: Buffer): Buffer {
  const header = Buffer.alloc(4 + 28);
  header.writeUInt32LE(7);
  Buffer.from(type, "hex").copy(header, 4);
  header.writeUInt32LE(28 + 16 + data.length, 20);
  header.writeUInt32LE(16 + data.length, 28);
  return Buffer.concat([header, Buffer.alloc(16), data]);
}

test("secureboot shows what the firmware's variables hold", { skip: needs("openssl") }, () => {
  const vars = "sys/firmware/efi/efivars";
  const der = certificate();
  const files = {
    [`${vars}/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c`]: Buffer.from([6, 0, 0, 0, 1]),
    [`${vars}/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c`]: Buffer.from([6, 0, 0, 0, 9]),
    [`${vars}/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f`]: signatureList(
      "a159c0a5e494a74a87b5ab155c2bf072",
      der,
    ),
    // A list of hashes, which are no certificates.
    [`${vars}/dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f`]: signatureList(
      "2616c4c14c509240aca941f936934328",
      Buffer.alloc(32),
    ),
  };
  assert.deepEqual(pick(rowsOn(files, "secureboot"), "secure_boot", "setup_mode"), [[1, -1]]);
  const columns = ["common_name", "subject", "revoked", "is_ca", "self_signed", "key_strength"];
  assert.deepEqual(pick(rowsOn(files, "secureboot_certificates"), ...columns), [
    ["Test CA", "/CN=Test CA/O=auditql", 0, 1, 1, "2048"],
  ]);
});
