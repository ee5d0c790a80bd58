// Rows compared with what an independent tool says of the same processes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { column, lines, needs, output, table } from "./independent_source.js";
import { lastingDifferences } from "./lasting_differences.js";
import { equals, rowsOf } from "./table_rows.js";
import { withSleeper } from "./with_sleeper.js";

test("processes equals ps for a process", { skip: needs("ps") }, () =>
  withSleeper((pid) => {
    const [row, ...more] = rowsOf(table("processes"), [equals("pid", pid)]);
    assert.equal(more.length, 0);
    const format = "pid=,ppid=,pgid=,euid=,egid=,ruid=,rgid=,suid=,sgid=,ni=,nlwp=,comm=";
    const [ps] = lines(output("ps", "-o", format, "-p", String(pid)));
    const shown = [
      row?.["pid"],
      row?.["parent"],
      row?.["pgroup"],
      row?.["euid"],
      row?.["egid"],
      row?.["uid"],
      row?.["gid"],
      row?.["suid"],
      row?.["sgid"],
      row?.["nice"],
      row?.["threads"],
      row?.["name"],
    ];
    assert.deepEqual(shown.map(String), ps?.trim().split(/\s+/));
    const [vsz] = lines(output("ps", "-o", "vsz=", "-p", String(pid)));
    assert.equal(row?.["total_size"], Number(vsz) * 1024);
    assert.equal(row?.["cmdline"], "sleep 600.5");
    assert.equal(row?.["cwd"], "/tmp");
    assert.equal(row?.["on_disk"], 1);
    assert.equal(row?.["path"], output("readlink", "-f", `/proc/${pid}/exe`).trim());
    // In UTC: an hour of a time zone may come twice.
    const utc = ["LC_ALL=C", "TZ=UTC"];
    const [started] = lines(output("env", ...utc, "ps", "-o", "lstart=", "-p", String(pid)));
    const difference = Number(row?.["start_time"]) - Date.parse(`${started} UTC`) / 1000;
    // ps and /proc/stat round the time of boot differently.
    assert.ok(Math.abs(difference) <= 2, String(difference));
  }),
);

test("processes lists what ps lists", { skip: needs("ps") }, () => {
  const differences = lastingDifferences(
    () =>
      lines(output("ps", "-e", "-o", "pid=,ppid=")).map((line) => line.trim().replace(/ +/, " ")),
    () => rowsOf(table("processes")).map((row) => `${row["pid"]} ${row["parent"]}`),
  );
  assert.deepEqual(differences, []);
});

test("process_tree hangs a process below its parent, as pstree shows it", () =>
  withSleeper((pid) => {
    const rows = rowsOf(table("process_tree"));
    const of = (id: number) => rows.find((row) => row["pid"] === id);
    const [own, sleeper] = [of(process.pid), of(pid)];
    assert.equal(sleeper?.["parent"], process.pid);
    assert.equal(sleeper?.["depth"], Number(own?.["depth"]) + 1);
    assert.equal(sleeper?.["parent_uuid"], own?.["process_uuid"]);
    assert.equal(sleeper?.["ancestor_pids"], `${own?.["ancestor_pids"]}${process.pid}/`);
    assert.equal(sleeper?.["ancestors"], `${own?.["ancestors"]}${own?.["name"]}/`);
    assert.equal(sleeper?.["cmdline"], "sleep 600.5");
    assert.equal(sleeper?.["uid"], process.getuid?.());
    const [same] = rowsOf(table("processes"), [equals("pid", pid)]);
    for (const name of ["process_uuid", "path", "name", "cwd", "state", "start_time"]) {
      assert.equal(sleeper?.[name], same?.[name], name);
    }
    const [alone, ...more] = rowsOf(table("process_tree"), [equals("pid", pid)]);
    assert.equal(more.length, 0);
    assert.equal(alone?.["depth"], sleeper?.["depth"]);
  }));

test("a thread id is no process", () => {
  const own = lines(output("ls", `/proc/${process.pid}/task`)).map(Number);
  const thread = own.find((id) => id !== process.pid);
  assert.ok(thread !== undefined);
  assert.deepEqual(rowsOf(table("processes"), [equals("pid", thread)]), []);
});

test("process_envs, process_open_files and process_namespaces equal /proc", () =>
  withSleeper((pid) => {
    const envs = rowsOf(table("process_envs"), [equals("pid", pid)]);
    assert.deepEqual(envs, [
      { pid, key: "AUDITQL_TEST", value: "a=b" },
      { pid, key: "LANG", value: "C" },
    ]);
    const files = rowsOf(table("process_open_files"), [equals("pid", pid)]);
    assert.deepEqual(column(files, "path"), ["/dev/null", "/dev/null"]);
    const [namespaces] = rowsOf(table("process_namespaces"), [equals("pid", pid)]);
    for (const kind of ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"]) {
      const link = output("readlink", `/proc/${pid}/ns/${kind}`).trim();
      assert.equal(`${kind}:[${namespaces?.[`${kind}_namespace`]}]`, link);
    }
  }));

test("process_memory_map equals pmap and /proc", { skip: needs("pmap") }, () =>
  withSleeper((pid) => {
    const expected = lines(output("pmap", "-X", String(pid))).flatMap((line) => {
      const [, start, permissions] = line.match(/^\s*([0-9a-f]+) ([rwxsp-]{4}) /) ?? [];
      return start === undefined ? [] : `${start.replace(/^0+/, "")} ${permissions}`;
    });
    const rows = rowsOf(table("process_memory_map"), [equals("pid", pid)]);
    const shown = rows.map(
      (row) => `${String(row["start"]).replace(/^0x0*/, "")} ${row["permissions"]}`,
    );
    assert.deepEqual(shown, expected);
    assert.equal(rows.length, lines(output("cat", `/proc/${pid}/maps`)).length);
  }),
);
