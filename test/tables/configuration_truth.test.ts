// Rows about the host's configuration, compared with what an independent tool says of it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lines, needs, output, table } from "./independent_source.js";
import { pick } from "./made_up_host.js";
import { equals, hostBelow, rowsOf } from "./table_rows.js";

test("kernel_modules equals lsmod", {
  skip: needs("lsmod") || (existsSync("/proc/modules") ? false : "the kernel has no modules"),
}, () => {
  const expected = lines(output("lsmod"))
    .slice(1)
    .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
  const rows = rowsOf(table("kernel_modules")).map((row) => `${row["name"]} ${row["size"]}`);
  assert.deepEqual(rows.sort(), expected.sort());
});

test("etc_hosts has every name that getent finds in /etc/hosts", { skip: needs("getent") }, () => {
  const pairs = (rows: readonly (readonly string[])[]) =>
    rows.flatMap(([address, ...names]) => names.map((name) => `${address} ${name}`)).sort();
  // getent shows each of ::1's names with 127.0.0.1 when that is how the resolver maps it.
  const listed = lines(output("getent", "-s", "files", "hosts")).map((line) => line.split(/\s+/));
  const rows = rowsOf(table("etc_hosts")).map((row) => [
    String(row["address"]),
    ...String(row["hostnames"]).split(" "),
  ]);
  const shown = new Set(pairs(rows));
  for (const pair of pairs(listed)) {
    const [, name] = pair.split(" ");
    assert.ok(shown.has(pair) || shown.has(`::1 ${name}`), pair);
  }
});

test("etc_services and etc_protocols equal getent", { skip: needs("getent") }, () => {
  const services = rowsOf(table("etc_services"));
  const known = new Set(services.map((row) => `${row["name"]} ${row["port"]}/${row["protocol"]}`));
  for (const line of lines(output("getent", "-s", "files", "services"))) {
    const [name, port] = line.split(/\s+/);
    assert.ok(known.has(`${name} ${port}`), line);
  }
  const protocols = rowsOf(table("etc_protocols")).map((row) => `${row["name"]} ${row["number"]}`);
  const expected = lines(output("getent", "-s", "files", "protocols"));
  assert.deepEqual(
    protocols,
    expected.map((line) => line.split(/\s+/).slice(0, 2).join(" ")),
  );
});

test("dns_resolvers lists the name servers that awk finds", { skip: needs("awk") }, () => {
  const expected = lines(output("awk", '$1 == "nameserver" { print $2 }', "/etc/resolv.conf"));
  const rows = rowsOf(table("dns_resolvers"), [equals("type", "nameserver")]);
  assert.deepEqual(
    rows.filter((row) => row["type"] === "nameserver").map((row) => row["address"]),
    expected,
  );
});

test("time equals date", { skip: needs("date") }, () => {
  const format = "%A|%Y|%-m|%-d|%-H|%-M|%Y-%m-%dT%H:%M:%SZ|%s";
  const now = () => output("env", "LC_ALL=C", "TZ=UTC", "date", `+${format}`).trim();
  const columns = ["weekday", "year", "month", "day", "hour", "minutes", "iso_8601", "unix_time"];
  // Once more when a second ends between both.
  for (let attempt = 0; ; attempt++) {
    const before = now();
    const [row] = pick(rowsOf(table("time")), ...columns);
    if (before !== now() && attempt < 10) continue;
    assert.equal(row?.join("|"), before);
    return;
  }
});

test("os_version equals what a shell reads from os-release", { skip: needs("sh") }, () => {
  const command = '. /etc/os-release; printf "%s|%s|%s" "$NAME" "$ID" "$VERSION_CODENAME"';
  const [row] = pick(rowsOf(table("os_version")), "name", "platform", "codename");
  assert.equal(row?.join("|"), output("sh", "-c", command));
});

test("process_memory_map equals pmap", { skip: needs("pmap") }, async () => {
  const child = spawn("sleep", ["60"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  try {
    const pid = child.pid ?? 0;
    const expected = lines(output("pmap", "-X", String(pid))).flatMap((line) => {
      const [, start, permissions] = line.match(/^\s*([0-9a-f]+) ([rwxsp-]{4}) /) ?? [];
      return start === undefined ? [] : `${start.replace(/^0+/, "")} ${permissions}`;
    });
    const rows = rowsOf(table("process_memory_map"), [equals("pid", pid)]);
    const shown = rows.map(
      (row) => `${String(row["start"]).replace(/^0x0*/, "")} ${row["permissions"]}`,
    );
    assert.deepEqual(shown, expected);
  } finally {
    child.kill();
  }
});

test("usb_devices equals lsusb", { skip: needs("lsusb") }, () => {
  const expected = (
    output("sh", "-c", "lsusb || true").match(/ID [0-9a-f]{4}:[0-9a-f]{4}/g) ?? []
  ).map((id) => id.slice(3));
  const rows = rowsOf(table("usb_devices"));
  assert.deepEqual(
    rows.map((row) => `${row["vendor_id"]}:${row["model_id"]}`).sort(),
    expected.sort(),
  );
});

test("crontab shows the jobs that the files hold", { skip: needs("awk") }, () => {
  const rows = rowsOf(table("crontab")).filter((row) => row["path"] === "/etc/crontab");
  const jobs = output("sh", "-c", "grep -E '^[0-9*@]' /etc/crontab || true");
  assert.deepEqual(
    rows.map((row) => row["minute"] || row["event"]),
    lines(jobs).map((line) => line.split(/\s+/)[0]),
  );
});

test("rpm_packages equals rpm -qa", { skip: needs("rpmbuild") }, () => {
  const root = mkdtempSync(join(tmpdir(), "auditql-rpm-"));
  const quiet = (command: string) => output("sh", "-c", `(${command}) 2>${join(root, "log")}`);
  try {
    const spec = ["Name: demo", "Version: 2.5", "Release: 1", "Summary: s", "License: MIT"];
    const text = [...spec, "BuildArch: noarch", "%description", "d", "%files"].join("\\n");
    const database = join(root, "var/lib/rpm");
    quiet(`printf '${text.replaceAll("%", "%%")}\\n' > ${root}/demo.spec &&
      rpmbuild -bb --define "_topdir ${root}/build" ${root}/demo.spec &&
      mkdir -p ${database} && rpm --dbpath ${database} --initdb &&
      rpm --dbpath ${database} -i --justdb --nodeps ${root}/build/RPMS/noarch/*.rpm`);
    const fields = "name version release arch install_time sha1 source".split(" ");
    const format =
      "%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{INSTALLTIME} %{SHA1HEADER} %{SOURCERPM}";
    const expected = quiet(`rpm --dbpath ${database} -qa --qf '${format}\\n'`);
    const rows = pick(rowsOf(table("rpm_packages"), [], hostBelow(root)), ...fields);
    assert.deepEqual(
      rows.map((row) => row.join(" ")),
      lines(expected),
    );
    assert.equal(rows.length, 1, readFileSync(join(root, "log"), "utf8"));
  } finally {
    rmSync(root, { recursive: true });
  }
});
