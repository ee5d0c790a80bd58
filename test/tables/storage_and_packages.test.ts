import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { parseResponse } from "../../src/tables/sources/http_request.js";
import { pick, rowsOn } from "./made_up_host.js";

const mdstatText = `Personalities : [raid1] [raid6] [raid5] [raid4]
md0 : active raid1 sdb1[1] sda1[0](F)
      104320 blocks super 1.2 [2/1] [_U]
      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec
      bitmap: 0/1 pages [0KB], 65536KB chunk, file: /bitmap

md1 : active (auto-read-only) raid5 sdc[2] sdd[1]
      7 blocks level 5, 64k chunk, algorithm 2 [3/2] [_UU]
      resync=PENDING

unused devices: sde[0]
`;

test("md_devices and md_drives follow /proc/mdstat and sysfs", () => {
  const files = {
    "proc/mdstat": mdstatText,
    "sys/block/md0/md/level": "raid1\n",
    "sys/block/md0/md/component_size": "104320\n",
    "sys/block/md0/md/raid_disks": "2\n",
    "sys/block/md0/md/dev-sda1/slot": "none\n",
    "sys/block/md0/md/dev-sda1/state": "faulty\n",
    "sys/block/md0/md/dev-sdb1/slot": "1\n",
    "sys/block/md0/md/dev-sdb1/state": "in_sync,write_mostly\n",
  };
  const rows = rowsOn(files, "md_devices");
  const columns = "device_name status raid_level size raid_disks failed_disks active_disks".split(
    " ",
  );
  assert.deepEqual(pick(rows, ...columns), [
    ["md0", "active", 1, 104320 * 1024, 2, 1, 1],
    ["md1", "active (auto-read-only)", null, null, null, 0, 0],
  ]);
  assert.deepEqual(
    pick(rows, "recovery_progress", "recovery_finish", "bitmap_external_file", "other"),
    [
      ["12.6% (37043392/292945152)", "127.5min", "/bitmap", ""],
      [null, null, null, "resync=PENDING"],
    ],
  );
  assert.deepEqual(pick(rows, "unused_devices"), [["sde[0]"], ["sde[0]"]]);
  assert.deepEqual(pick(rowsOn(files, "md_drives"), "drive_name", "slot", "state"), [
    ["/dev/sda1", -1, "faulty"],
    ["/dev/sdb1", 1, "active sync write-mostly"],
  ]);
});

test("disk_encryption follows a device down to what encrypts it", () => {
  const files = {
    "sys/class/block/dm-1/dm/uuid": "LVM-x\n",
    "sys/class/block/dm-1/slaves/dm-0/x": "",
    "sys/class/block/dm-0/dm/uuid": "CRYPT-LUKS2-0123-root\n",
    "sys/class/block/dm-0/slaves/sda2/x": "",
    "sys/class/block/sda2/dev": "8:2\n",
    "run/udev/data/b8:2": "E:ID_FS_UUID=u-1\n",
  };
  assert.deepEqual(pick(rowsOn(files, "disk_encryption"), "name", "encrypted", "type", "uuid"), [
    ["/dev/dm-0", 1, "LUKS2", null],
    ["/dev/dm-1", 1, "LUKS2", null],
    ["/dev/sda2", 0, "", "u-1"],
  ]);
});

test("device_partitions lists what the kernel knows of a disk", () => {
  const files = {
    "sys/class/block/sda/sda1/partition": "1\n",
    "sys/class/block/sda/sda1/start": "2048\n",
    "sys/class/block/sda/sda1/size": "100\n",
    "sys/class/block/sda/sda1/dev": "8:1\n",
    "sys/class/block/sda/queue/x": "",
    "run/udev/data/b8:1": "E:ID_PART_ENTRY_NAME=EFI\n",
  };
  const columns = ["partition", "label", "offset", "blocks"];
  const rows = rowsOn(files, "device_partitions", ["device", "/dev/sda"]);
  assert.deepEqual(pick(rows, ...columns), [[1, "EFI", 2048 * 512, 100]]);
  assert.deepEqual(rowsOn(files, "device_partitions", ["device", "/dev/../sda"]), []);
});

test("portage_keywords and portage_use read atoms with and without versions", () => {
  const files = {
    "etc/portage/package.accept_keywords/a": "=app-misc/foo-bar-1.2-r1 ~amd64 # note\n# comment\n",
    "etc/portage/package.mask": ">=dev-lang/python-3.13\n",
    "etc/portage/package.unmask": "sys-apps/x\n",
    "var/db/pkg/app-misc/foo-2.0/USE": "ssl -X  nls\n",
  };
  const columns = ["package", "version", "keyword", "mask", "unmask"];
  assert.deepEqual(pick(rowsOn(files, "portage_keywords"), ...columns), [
    ["app-misc/foo-bar", "1.2-r1", "~amd64", 0, 0],
    ["dev-lang/python", ">=3.13", "", 1, 0],
    ["sys-apps/x", "", "", 0, 1],
  ]);
  assert.deepEqual(pick(rowsOn(files, "portage_use"), "package", "version", "use"), [
    ["app-misc/foo", "2.0", "ssl"],
    ["app-misc/foo", "2.0", "-X"],
    ["app-misc/foo", "2.0", "nls"],
  ]);
});

/** A ZIP file with one member (APPNOTE.TXT). */
function zip(name: string, content: string): Buffer {
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([
    Buffer.from("PK\x03\x04", "latin1"),
    common,
    Buffer.from(name),
    packed,
  ]);
  const place = Buffer.alloc(14);
  const made = Buffer.from([20, 0]);
  const entry = Buffer.concat([
    Buffer.from("PK\x01\x02", "latin1"),
    made,
    common,
    place,
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

const rootLine = "root:x:0:0:root:/root:/bin/sh\n";

test("jetbrains_plugins reads descriptors out of jars, of folders too", () => {
  const xml =
    "<idea-plugin><name>My Plugin</name><vendor url='x'>Me</vendor><version>1.2</version></idea-plugin>";
  const jar = zip("META-INF/plugin.xml", xml);
  const home = "root/.local/share/JetBrains/PyCharmCE2024.1";
  const files = {
    "etc/passwd": rootLine,
    [`${home}/single.jar`]: jar,
    [`${home}/my-plugin/lib/library-2.0.jar`]: zip("other", "x"),
    [`${home}/my-plugin/lib/my-plugin.jar`]: jar,
    [`${home}/broken.jar`]: jar.subarray(0, 40),
  };
  const columns = ["product_type", "name", "version", "vendor", "path"];
  assert.deepEqual(pick(rowsOn(files, "jetbrains_plugins", ["uid", 0]), ...columns), [
    ["pycharm_community_edition", "My Plugin", "1.2", "Me", `/${home}/my-plugin`],
    ["pycharm_community_edition", "My Plugin", "1.2", "Me", `/${home}/single.jar`],
  ]);
});

test("vscode_extensions and carbon_black_info read what these programs keep", () => {
  const extension = {
    identifier: { id: "ms-python.python" },
    version: "2024.1",
    location: { path: "/root/.cursor/extensions/ms-python" },
    metadata: {
      id: "u-u",
      publisherDisplayName: "Microsoft",
      installedTimestamp: 1_700_000_000_123,
      isPreReleaseVersion: true,
    },
  };
  const files = {
    "etc/passwd": rootLine,
    "root/.cursor/extensions/extensions.json": JSON.stringify([extension, 5]),
    "var/lib/cb/sensor.id": "00000000000000ff",
    "var/lib/cb/sensorsettings.ini": "[CB]\nConfigName=Default%20Group\nCollectProcesses=1\n",
    "var/lib/cb/filedata": "12345",
  };
  const rows = rowsOn(files, "vscode_extensions", ["uid", 0]);
  assert.deepEqual(pick(rows, "name", "vscode_edition", "installed_at", "prerelease")[0], [
    "ms-python.python",
    "cursor",
    1_700_000_000_123,
    1,
  ]);
  const sensor = [
    "sensor_id",
    "config_name",
    "collect_processes",
    "collect_file_mods",
    "binary_queue",
  ];
  assert.deepEqual(pick(rowsOn(files, "carbon_black_info"), ...sensor), [
    [255, "Default Group", 1, -1, 5],
  ]);
});

test("an HTTP response that is cut short is none", () => {
  const chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  assert.equal(parseResponse(Buffer.from(chunked))?.body.toString(), "abcde");
  const sized = "HTTP/1.0 404 No\r\ncontent-length: 3\r\n\r\nabc";
  assert.deepEqual(parseResponse(Buffer.from(sized)), { status: 404, body: Buffer.from("abc") });
  for (const cut of [
    chunked.slice(0, -6),
    sized.slice(0, -1),
    "HTTP/1.1 200 OK\r\n",
    "",
    "hello",
  ]) {
    assert.equal(parseResponse(Buffer.from(cut)), null, cut);
  }
});
