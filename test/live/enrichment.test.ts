import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  writeSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { release } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "./eventually.js";
import { hostPerSuite, type LiveHost, skipReason } from "./live_host.js";

const skip = skipReason("what is found out about events, live");

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Copies a program; appended bytes make it another file that does the same. */
function copyOf(program: string, path: string, mark = ""): string {
  copyFileSync(program, path);
  if (mark !== "") appendFileSync(path, mark);
  return path;
}

/** Whoever looks at a process that has just ended keeps its program busy a moment longer. */
function openToWrite(path: string): number {
  for (;;) {
    try {
      return openSync(path, "r+");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ETXTBSY")) throw error;
    }
  }
}

/** Whether a change of a file always shows in its times (multigrain timestamps). */
const [major = 0, minor = 0] = release().split(".").map(Number.parseFloat);
const hasFineTimes = major > 6 || (major === 6 && minor >= 13);

/** Another content of the same size in the same file. */
function rewriteLastByte(path: string, byte: number): void {
  const fd = openToWrite(path);
  writeSync(fd, Uint8Array.of(byte), 0, 1, fstatSync(fd).size - 1);
  closeSync(fd);
}

/** Runs a program that ends when its input does, for as long as `act` takes. */
async function whileRunning<T>(
  command: readonly [string, ...string[]],
  act: (child: ChildProcess) => Promise<T>,
): Promise<T> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"] });
  await once(child, "spawn");
  try {
    return await act(child);
  } finally {
    const ended = once(child, "exit");
    child.stdin?.end();
    if (child.exitCode === null) await ended;
  }
}

/** Where the engine of the container test listens. */
const dockerSocket = `/tmp/auditql-docker-${process.pid}.sock`;

function startDaemon(host: LiveHost) {
  const { statePath } = host.home;
  const enrichment = { docker_sockets: [dockerSocket], cri_sockets: [] };
  return host.start({
    config: { auditql: { state_path: statePath, http: {}, log: {}, enrichment } },
  });
}

/** Why there is no owner to compare with; null where dpkg knows one. */
function whyNoDpkg(): string | null {
  const found = spawnSync("dpkg", ["-S", "/usr/bin/env"]);
  return found.status === 0 ? null : "needs a host whose programs are dpkg's";
}

/** Where cgroups of version 2 are mounted; null where they are not. */
const cgroups = readFileSync("/proc/mounts", "utf8").match(/^\S+ (\S+) cgroup2 /m)?.[1] ?? null;

/** Answers about one container as Docker does. */
async function startEngine(id: string): Promise<Server> {
  const engine = createServer(({ url }, answer) => {
    answer.statusCode = url === `/containers/${id}/json` ? 200 : 404;
    answer.end(JSON.stringify({ Name: "/web", Image: "sha256:aa", Config: { Image: "nginx" } }));
  });
  engine.listen(dockerSocket);
  await once(engine, "listening");
  return engine;
}

/** What the exec of that process is known to have run, once its file has been looked into. */
async function digestOf(host: LiveHost, pid: number | undefined): Promise<unknown> {
  const [row] = await host.daemon.rowsOnce(
    `select exe_hash_sha256 as digest, exe_hash_status as status from process_events
     where event_action = 'exec' and pid = ${pid} and exe_hash_status is not null`,
    1,
  );
  return row;
}

describe("what is found out about events, live", { skip }, () => {
  const host = hostPerSuite(startDaemon);

  test("the digest of a program that is replaced while it runs is of what ran", async () => {
    const program = copyOf("/bin/cat", join(host.home.path, "program"), "what ran");
    const digest = sha256(program);
    const row = await whileRunning([program], async ({ pid }) => {
      renameSync(copyOf("/bin/cat", join(host.home.path, "other"), "not this"), program);
      return digestOf(host, pid);
    });
    assert.notEqual(sha256(program), digest);
    assert.deepEqual(row, { digest, status: "hashed" });
  });

  test("a program that is rewritten and run at once never has the digest of another content", {
    skip: hasFineTimes ? false : "times of files move with the clock's ticks before Linux 6.13",
  }, async (context) => {
    const program = copyOf("/bin/true", join(host.home.path, "rewritten"), "?");
    const ran = new Map<number, string>();
    for (let n = 0; n < 40; n++) {
      rewriteLastByte(program, n);
      ran.set(spawnSync(program).pid, sha256(program));
    }
    // Small files are looked into first: once this one is, the others have been.
    const last = copyOf("/bin/bash", join(host.home.path, "larger"), "!");
    await whileRunning([last, "-s"], ({ pid }) => digestOf(host, pid));
    const rows = await host.daemon.query(
      `select pid, exe_hash_sha256 as digest from process_events
       where event_action = 'exec' and path = '${program}'`,
    );
    assert.deepEqual(new Set(rows.map(({ pid }) => Number(pid))), new Set(ran.keys()));
    const wrong = rows.filter(
      ({ pid, digest }) => digest !== null && digest !== ran.get(Number(pid)),
    );
    assert.deepEqual(wrong, []);
    context.diagnostic(
      `${rows.filter(({ digest }) => digest !== null).length} of 40 have a digest`,
    );
  });

  test("a program that deletes itself has the digest of what ran", async () => {
    const program = copyOf("/bin/sh", join(host.home.path, "self"), "deletes itself");
    const digest = sha256(program);
    const row = await whileRunning([program, "-c", 'rm "$0"; read line', program], ({ pid }) =>
      digestOf(host, pid),
    );
    assert.deepEqual(row, { digest, status: "hashed" });
  });
});

describe("digests of many short runs, live", { skip }, () => {
  const host = hostPerSuite(startDaemon);

  test("each of many short runs of a few programs has its digest; each program is read once", async () => {
    const folder = join(host.home.path, "bin");
    mkdirSync(folder);
    const digests = new Map<string, string>();
    for (let n = 0; n < 5; n++) {
      const path = copyOf("/bin/true", join(folder, `program-${n}`), `number ${n}`);
      digests.set(path, sha256(path));
    }
    const figure = (metric: string, reason = "") =>
      host.daemon.number(
        `select coalesce(max(value), 0) from auditql_health where stage = 'enrich'
         and name = 'executables' and metric = '${metric}' and reason = '${reason}'`,
      );
    const [known, hashed] = [await figure("known"), await figure("answered", "hashed")];
    execFileSync("/bin/sh", [
      "-c",
      `i=0; while [ $i -lt 300 ]; do ${folder}/program-$((i % 5)); i=$((i+1)); done`,
    ]);
    const rows = await eventually(
      () =>
        host.daemon.query(
          `select path, exe_hash_sha256 as digest, count(*) as runs from process_events
           where event_action = 'exec' and path like '${folder}/%' group by 1, 2 order by 1`,
        ),
      (found) =>
        found.length === 5 && found.every(({ digest, runs }) => digest !== null && runs === 60),
    );
    assert.deepEqual(
      rows,
      [...digests].map(([path, digest]) => ({ path, digest, runs: 60 })),
    );
    const kept = await host.daemon.query(
      `select path, sha256 as digest from executables where path like '${folder}/%' order by path`,
    );
    assert.deepEqual(
      kept,
      [...digests].map(([path, digest]) => ({ path, digest })),
    );
    assert.ok((await figure("known")) - known >= 295);
    assert.ok((await figure("answered", "hashed")) - hashed >= 5);
  });
});

describe("what is found out about owners of processes, live", { skip }, () => {
  const host = hostPerSuite(startDaemon);

  test("the package that owns a program is named, and none for a copy of it", {
    skip: skipReason("packages of programs, live", whyNoDpkg()),
  }, async () => {
    const copy = copyOf("/usr/bin/env", join(host.home.path, "copy"));
    const owner = execFileSync("dpkg", ["-S", "/usr/bin/env"]).toString().split(":")[0];
    execFileSync(copy);
    execFileSync("/usr/bin/env");
    // The newest of each path: whatever else runs on this host runs env as well.
    const newest = `select path, package_name, package_type from executables
      where eid in (select max(eid) from executables
        where path in ('${copy}', '/usr/bin/env') group by path)
      order by path = '${copy}'`;
    const rows = await eventually(
      () => host.daemon.query(newest),
      (found) => found.length === 2 && found[0]?.["package_name"] !== null,
    );
    assert.deepEqual(rows, [
      { path: "/usr/bin/env", package_name: owner, package_type: "deb" },
      { path: copy, package_name: null, package_type: null },
    ]);
  });

  test("a process below a container's cgroup is shown with its name and image", {
    skip: skipReason("containers, live", cgroups === null ? "needs cgroup2" : null),
  }, async (context) => {
    const id = "4a1b2c3d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809";
    const slice = join(cgroups ?? "/", `auditql-test-${process.pid}.slice`);
    const scope = join(slice, `docker-${id}.scope`);
    mkdirSync(scope, { recursive: true });
    context.after(() => {
      rmdirSync(scope);
      rmdirSync(slice);
    });
    const engine = await startEngine(id);
    context.after(() => void engine.close());
    const enter = `echo $$ > ${scope}/cgroup.procs; exec unshare --mount --uts cat`;
    const row = await whileRunning(["/bin/sh", "-c", enter], async ({ pid }) => {
      const rows = await host.daemon.rowsOnce(
        `select container_id, container_name, container_image, container_runtime
         from process_events where pid = ${pid} and path like '%/cat'
         and event_action = 'exec' and container_name is not null`,
        1,
      );
      return rows[0];
    });
    assert.deepEqual(row, {
      container_id: id,
      container_name: "web",
      container_image: "nginx",
      container_runtime: "docker",
    });
  });
});
