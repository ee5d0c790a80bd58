// Rows about the host's configuration, compared with what an independent tool says of it.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Host } from "../../src/tables/host.js";
import { column, lines, needs, output, table } from "./independent_source.js";
import { lastingDifferences } from "./lasting_differences.js";
import { pick } from "./made_up_host.js";
import { hostBelow, rowsOf } from "./table_rows.js";

test("kernel_modules equals lsmod on this host", {
  skip: needs("lsmod") || (existsSync("/proc/modules") ? false : "the kernel has no modules"),
}, () => {
  const differences = lastingDifferences(
    () =>
      lines(output("lsmod"))
        .slice(1)
        .map((line) => line.split(/\s+/).slice(0, 2).join(" ")),
    () => rowsOf(table("kernel_modules")).map((row) => `${row["name"]} ${row["size"]}`),
  );
  assert.deepEqual(differences, []);
});

test("etc_hosts has every name that getent finds in /etc/hosts", { skip: needs("getent") }, () => {
  const differences = lastingDifferences(
    () =>
      lines(output("getent", "-s", "files", "hosts")).flatMap((line) => {
        const [address, ...names] = line.split(/\s+/);
        return names.map((name) => `${address} ${name}`);
      }),
    () =>
      rowsOf(table("etc_hosts")).flatMap((row) =>
        String(row["hostnames"])
          .split(" ")
          // getent shows ::1's names with 127.0.0.1 when that is how the resolver maps it.
          .flatMap((name) => [
            `${row["address"]} ${name}`,
            ...(row["address"] === "::1" ? [`127.0.0.1 ${name}`] : []),
          ]),
      ),
  );
  assert.deepEqual(
    differences.filter((line) => line.startsWith("-")),
    [],
  );
});

test("etc_services and etc_protocols equal getent", { skip: needs("getent") }, () => {
  const pairs = (database: string) =>
    lines(output("getent", "-s", "files", database)).map((line) =>
      line.split(/\s+/).slice(0, 2).join(" "),
    );
  const services = lastingDifferences(
    () => pairs("services"),
    () =>
      rowsOf(table("etc_services")).map(
        (row) => `${row["name"]} ${row["port"]}/${row["protocol"]}`,
      ),
  );
  assert.deepEqual(services, []);
  const protocols = lastingDifferences(
    () => pairs("protocols"),
    () => rowsOf(table("etc_protocols")).map((row) => `${row["name"]} ${row["number"]}`),
  );
  assert.deepEqual(protocols, []);
});

test("dns_resolvers lists the name servers that awk finds", { skip: needs("awk") }, () => {
  const differences = lastingDifferences(
    () => lines(output("awk", '$1 == "nameserver" { print $2 }', "/etc/resolv.conf")),
    () =>
      column(
        rowsOf(table("dns_resolvers")).filter((row) => row["type"] === "nameserver"),
        "address",
      ),
  );
  assert.deepEqual(differences, []);
});

test("time equals date", { skip: needs("date") }, () => {
  const format = "%A|%Y|%-m|%-d|%-H|%-M|%Y-%m-%dT%H:%M:%SZ|%s";
  const columns = ["weekday", "year", "month", "day", "hour", "minutes", "iso_8601", "unix_time"];
  // The second that the table shows, which need not be that before or after it.
  const [row] = rowsOf(table("time"));
  const at = `@${row?.["unix_time"]}`;
  const date = output("env", "LC_ALL=C", "TZ=UTC", "date", "-d", at, `+${format}`).trim();
  assert.equal(pick([row ?? {}], ...columns)[0]?.join("|"), date);
  const seconds = () => Number(output("date", "+%s"));
  const before = seconds();
  const now = Number(rowsOf(table("time"))[0]?.["unix_time"]);
  assert.ok(before <= now && now <= seconds(), String(now));
});

test("os_version equals what a shell reads from os-release", { skip: needs("sh") }, () => {
  const command = '. /etc/os-release; printf "%s|%s|%s" "$NAME" "$ID" "$VERSION_CODENAME"';
  const differences = lastingDifferences(
    () => [output("sh", "-c", command)],
    () =>
      pick(rowsOf(table("os_version")), "name", "platform", "codename").map((row) => row.join("|")),
  );
  assert.deepEqual(differences, []);
});

/** What a shell makes of a kernel's command line: its image, its root, and all else. */
const kernelLine = (path: string) =>
  output(
    "sh",
    "-c",
    `for word in $(cat ${path}); do case $word in
       BOOT_IMAGE=*) image=\${word#*=} ;; root=*) root=\${word#*=} ;; *) rest="$rest $word" ;;
     esac; done; printf '%s|%s|%s' "$image" "$root" "\${rest# }"`,
  );

test("kernel_info equals what a shell reads from the kernel's command line", () => {
  const shown = (host?: Host) =>
    pick(rowsOf(table("kernel_info"), [], host), "path", "device", "arguments").map((row) =>
      row.join("|"),
    );
  const differences = lastingDifferences(
    () => [kernelLine("/proc/cmdline")],
    () => shown(),
  );
  assert.deepEqual(differences, []);
  const root = mkdtempSync(join(tmpdir(), "auditql-kernel-"));
  try {
    const line = "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.1.0-18-amd64 root=UUID=8f5c ro  quiet x=root=1\n";
    mkdirSync(join(root, "proc"));
    writeFileSync(join(root, "proc/cmdline"), line);
    writeFileSync(join(root, "proc/version"), "Linux version 6.1.0-18-amd64 (d@e) (gcc) #1 SMP\n");
    assert.deepEqual(shown(hostBelow(root)), [kernelLine(join(root, "proc/cmdline"))]);
    assert.deepEqual(shown(hostBelow(root)), [
      "(hd0,gpt2)/vmlinuz-6.1.0-18-amd64|UUID=8f5c|ro quiet x=root=1",
    ]);
    assert.deepEqual(column(rowsOf(table("kernel_info"), [], hostBelow(root)), "version"), [
      "6.1.0-18-amd64",
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

const cronFiles = {
  "etc/crontab": "SHELL=/bin/sh\n# m h dom mon dow user command\n17 *\t* * *\troot cd / && run\n",
  "etc/cron.d/jobs":
    "MAILTO=\n@daily backup  /usr/bin/backup --all\n*/5 0-6 1,15 jan mon-fri www x\n\n",
  "var/spool/cron/crontabs/me": "  30 4 * * 7 tar -c /home \n@reboot\n5 4 * *\n",
};

test("crontab shows the jobs that awk finds in the files that cron reads", {
  skip: needs("awk"),
}, () => {
  const root = mkdtempSync(join(tmpdir(), "auditql-cron-"));
  const paths = Object.keys(cronFiles).map((path) => join(root, path));
  try {
    for (const [path, text] of Object.entries(cronFiles)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const program = `/^[ \t]*(#|$)/ { next }
      { from = $1 ~ /^@/ ? 2 : 6 }
      NF < from { next }
      { line = FILENAME; for (at = 1; at < from; at++) line = line " " $at
        line = line " :"; for (at = from; at <= NF; at++) line = line " " $at; print line }`;
    const times = ["event", "minute", "hour", "day_of_month", "month", "day_of_week"];
    const rows = rowsOf(table("crontab"), [], hostBelow(root));
    const shown = rows.map((row) =>
      [
        join(root, String(row["path"])),
        ...times.flatMap((name) => row[name] ?? []),
        ":",
        row["command"],
      ].join(" "),
    );
    assert.deepEqual(shown.sort(), lines(output("awk", program, ...paths)).sort());
    assert.equal(shown.length, 4);
  } finally {
    rmSync(root, { recursive: true });
  }
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
