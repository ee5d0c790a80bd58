// Rows compared with what an independent tool says of the same processes.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { eventually } from "../live/eventually.js";
import { column, lines, needs, output, table } from "./independent_source.js";
import { equals, rowsOf } from "./table_rows.js";

async function withSleeper(use: (child: ChildProcess, pid: number) => void): Promise<void> {
  const child = spawn("sleep", ["60.5"], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/tmp",
    env: { AUDITQL_TEST: "a=b", LANG: "C" },
  });
  await once(child, "spawn");
  try {
    assert.ok(child.pid !== undefined);
    const statPath = `/proc/${child.pid}/stat`;
    // While it is being loaded its memory grows from one look to the next.
    await eventually(
      async () => readFileSync(statPath, "utf8"),
      (stat) => / \(sleep\) S /.test(stat),
    );
    use(child, child.pid);
  } finally {
    child.kill();
  }
}

test("processes equals ps for a process", { skip: needs("ps") }, () =>
  withSleeper((_child, pid) => {
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
    assert.equal(row?.["cmdline"], "sleep 60.5");
    assert.equal(row?.["cwd"], "/tmp");
    assert.equal(row?.["on_disk"], 1);
    assert.equal(row?.["path"], output("readlink", "-f", `/proc/${pid}/exe`).trim());
    const [started] = lines(output("ps", "-o", "lstart=", "-p", String(pid)));
    const difference = Number(row?.["start_time"]) - Date.parse(`${started}`) / 1000;
    // ps and /proc/stat round the time of boot differently.
    assert.ok(Math.abs(difference) <= 2, String(difference));
  }),
);

test("processes lists what ps lists", { skip: needs("ps") }, () => {
  const before = new Set(lines(output("ps", "-e", "-o", "pid=")).map((pid) => pid.trim()));
  const listed = new Set(column(rowsOf(table("processes")), "pid"));
  const after = new Set(lines(output("ps", "-e", "-o", "pid=")).map((pid) => pid.trim()));
  for (const pid of before) if (after.has(pid)) assert.ok(listed.has(pid), pid);
});

test("process_tree hangs a process below its parent, as pstree shows it", () =>
  withSleeper((_child, pid) => {
    const rows = rowsOf(table("process_tree"));
    const of = (id: number) => rows.find((row) => row["pid"] === id);
    const [own, sleeper] = [of(process.pid), of(pid)];
    assert.equal(sleeper?.["parent"], process.pid);
    assert.equal(sleeper?.["depth"], Number(own?.["depth"]) + 1);
    assert.equal(sleeper?.["parent_uuid"], own?.["process_uuid"]);
    assert.equal(sleeper?.["ancestor_pids"], `${own?.["ancestor_pids"]}${process.pid}/`);
    assert.equal(sleeper?.["ancestors"], `${own?.["ancestors"]}${own?.["name"]}/`);
    assert.equal(sleeper?.["cmdline"], "sleep 60.5");
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
  withSleeper((_child, pid) => {
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
    const maps = lines(output("cat", `/proc/${pid}/maps`));
    assert.equal(rowsOf(table("process_memory_map"), [equals("pid", pid)]).length, maps.length);
  }));

test("process_open_sockets and listening_ports show own sockets as ss does", {
  skip: needs("ss"),
}, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const client = connect(address.port, "127.0.0.1");
  await once(client, "connect");
  try {
    const listening = rowsOf(table("listening_ports")).filter(
      (row) => row["port"] === address.port,
    );
    assert.deepEqual(
      listening.map((row) => [row["pid"], row["address"], row["protocol"], row["family"]]),
      [[process.pid, "127.0.0.1", 6, 2]],
    );
    const sockets = rowsOf(table("process_open_sockets"), [equals("pid", process.pid)]);
    const connected = sockets.filter((row) => row["remote_port"] === address.port);
    assert.equal(connected.length, 1);
    const filter = `dport = :${address.port}`;
    const [ss] = lines(output("ss", "-Htne", "state", "established", filter));
    const [, , local, remote] = ss?.trim().split(/\s+/) ?? [];
    const [row] = connected;
    assert.equal(`${row?.["local_address"]}:${row?.["local_port"]}`, local);
    assert.equal(`${row?.["remote_address"]}:${row?.["remote_port"]}`, remote);
    assert.equal(row?.["state"], "ESTABLISHED");
    assert.equal(ss?.match(/ino:(\d+)/)?.[1], String(row?.["socket"]));
  } finally {
    client.destroy();
    server.close();
  }
});
