import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { SqlValue } from "../../src/native/connection.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { TableSchema } from "../../src/tables/table_schema.js";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";

type Role = "read" | "admin";
type Row = Readonly<Record<string, SqlValue>>;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly code: string | null;
  readonly rows: readonly Row[];
}

const isRoot = process.geteuid?.() === 0;
const anyRule = "rule any_file { condition: true }";
const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

const home = new DaemonHome();
const tokensPath = join(home.path, "other-tokens");
const files = join(home.path, "files");
const tokens = { read: "", admin: "" };
let daemon: DaemonProcess;
let holder: ChildProcess | null = null;

async function ask(role: Role, sql: string, parameters: readonly SqlValue[] = []): Promise<Answer> {
  const port = /port (\d+)/.exec(daemon.stderr)?.[1];
  const answer = await fetch(`http://127.0.0.1:${port}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens[role]}` },
    body: JSON.stringify({ sql, parameters }),
  });
  const text = await answer.text();
  const { code, rows = [] }: { code?: string; rows?: Row[] } = JSON.parse(text);
  return { status: answer.status, text, code: code ?? null, rows };
}

const refused = (reason: string) =>
  daemon.number(
    `select coalesce(sum(value), 0) from auditql_health
     where stage = 'sql' and metric = 'refused' and reason = '${reason}'`,
  );

/** Files of secrets by their own and by other names. */
function secretNames(): readonly string[] {
  const token = join(home.statePath, "token");
  symlinkSync(token, join(files, "token-link"));
  symlinkSync(home.statePath, join(files, "state-link"));
  linkSync(token, join(files, "token-hard-link"));
  const names = [
    token,
    tokensPath,
    join(home.path, "auditql.conf"),
    join(files, "token-link"),
    join(files, "state-link/token"),
    join(files, "token-hard-link"),
    `${home.statePath}/../state/./token`,
    `/proc/${process.pid}/root${token}`,
    `/proc/${process.pid}/cwd/../../../../../..${token}`,
    `/proc/${daemon.pid}/environ`,
    `/proc/${daemon.pid}/task/${daemon.pid}/environ`,
    `//proc/./${daemon.pid}/environ`,
    `/proc/self/environ`,
    `/proc/thread-self/environ`,
  ];
  if (isRoot) names.push(bindMounted(token));
  else console.log("skipped: a secret under a bind mount (needs root)");
  return names;
}

/** Another name in the mount namespace of another process. */
function bindMounted(path: string): string {
  const at = join(files, "mounted");
  writeFileSync(at, "");
  holder = spawn("unshare", ["-m", "sh", "-c", `mount --bind '${path}' '${at}' && exec sleep 600`]);
  return `/proc/${holder.pid}/root${at}`;
}

describe("secrets of the daemon and files that a role may not read", () => {
  before(async () => {
    mkdirSync(files);
    const pin = {
      query: `select * from yara_file where path = '${files}/plain' and sigrule = '${anyRule}'`,
    };
    daemon = await DaemonProcess.start(home, {
      config: {
        options: {
          logger_path: home.logPath,
        },
        schedule: { by_yara: { ...pin, interval: 1, snapshot: true } },
        auditql: {
          state_path: home.statePath,
          http: { port: 0, tokens_path: tokensPath },
          capture: { backend: "none" },
        },
      },
    });
    tokens.admin = readFileSync(join(home.statePath, "token"), "utf8").trim();
    tokens.read = randomBytes(32).toString("base64url");
    const line = `reader read sha256:${sha256(tokens.read)}\n`;
    writeFileSync(tokensPath, line, { mode: 0o600 });
    await eventually(
      () => ask("read", "select 1"),
      ({ status }) => status === 200,
    );
    chmodSync(home.path, 0o755);
    writeFileSync(join(files, "plain"), "for everybody", { mode: 0o644 });
    writeFileSync(join(files, "pin"), "pin=4711", { mode: 0o600 });
    mkdirSync(join(files, "closed"), { mode: 0o700 });
    writeFileSync(join(files, "closed/pin"), "pin=0815", { mode: 0o644 });
    symlinkSync(join(files, "pin"), join(files, "link"));
  });
  after(async () => {
    holder?.kill("SIGKILL");
    await daemon.kill();
    home.remove();
  });

  testYaraRules();
  testNamesOfSecrets();
  testContentsOfSecrets();
  testPrivateFiles();
});

function testYaraRules(): void {
  test("the role read is refused rules and databases of its own, the role admin is not", async () => {
    const rule = `sigrule = '${anyRule}'`;
    writeFileSync(join(files, "rules.yar"), anyRule);
    const file = `sigfile = '${join(files, "rules.yar")}'`;
    for (const sql of [
      `select * from yara_file where path = '/etc/hostname' and ${rule}`,
      `select * from yara_file where path = '/etc/hostname' and ${file}`,
      `select * from yara_process where pid = ${process.pid} and ${rule}`,
      `select * from yara_process where pid = ${process.pid} and ${file}`,
      `select y.count from file f join yara_file y on y.path = f.path
         where f.path = '/etc/hostname' and ${rule}`,
      "select * from magic where path = '/etc/hostname' and magic_db_files = '/usr/share/misc/magic.mgc'",
    ]) {
      const answer = await ask("read", sql);
      assert.deepEqual([answer.status, answer.code], [403, "role_refused"], sql);
      assert.equal((await ask("admin", sql)).status, 200, sql);
    }
  });
}

function testNamesOfSecrets(): void {
  test("no role is told the content of a secret of the daemon, by any of its names", async () => {
    const names = secretNames();
    await eventually(
      () => ask("admin", `select * from file where path = '${names.at(-1)}' and size > 0`),
      ({ rows }) => rows.length === 1 || !isRoot,
    );
    for (const name of names) {
      const before = await refused("file_protected");
      for (const role of ["admin", "read"] as const) {
        assert.deepEqual(
          (await ask(role, "select * from hash where path = ?", [name])).rows,
          [],
          name,
        );
        assert.deepEqual(
          (
            await ask(role, "select * from magic where path = ? and mime_type <> 'inode/symlink'", [
              name,
            ])
          ).rows,
          [],
          name,
        );
      }
      const scanned = "select * from yara_file where path = ? and sigrule = ?";
      assert.deepEqual((await ask("admin", scanned, [name, anyRule])).rows, [], name);
      const ruled = "select * from yara_file where path = '/etc/hostname' and sigfile = ?";
      assert.deepEqual((await ask("admin", ruled, [name])).rows, [], name);
      // A hash and a scan and a rule at the least; whether libmagic is there is the host's affair.
      assert.ok((await refused("file_protected")) >= before + 4, name);
    }
  });

  test("a secret in another mount namespace is refused, too", {
    skip: isRoot ? false : "needs root",
  }, async () => {
    const token = join(home.statePath, "token");
    for (const table of ["hash", "yara_file"]) {
      const rules = table === "hash" ? "" : `and sigrule = '${anyRule}'`;
      const sql = `select * from ${table} where path = ? and pid_with_namespace = ? ${rules}`;
      assert.deepEqual((await ask("admin", sql, [token, process.pid])).rows, []);
      assert.equal((await ask("admin", sql, ["/etc/hostname", process.pid])).rows.length, 1);
    }
  });
}

function testContentsOfSecrets(): void {
  test("no table that takes a path tells anything of a token's bytes", async () => {
    const token = readFileSync(join(home.statePath, "token"));
    const pieces = Array.from({ length: 36 }, (_, at) => tokens.admin.slice(at, at + 8));
    const derived = ["md5", "sha1", "sha256"].map((name) =>
      createHash(name).update(token).digest("hex"),
    );
    const schemas: readonly TableSchema[] = Object.values(tableSchemas);
    let asked = 0;
    for (const { name, kind, columns } of schemas) {
      for (const { name: column } of columns.filter((each) =>
        /path|directory|dir$|file/.test(each.name),
      )) {
        if (kind === "event") continue;
        for (const role of ["read", "admin"] as const) {
          for (const value of [join(home.statePath, "token"), home.statePath]) {
            const { text } = await ask(role, `select * from "${name}" where "${column}" = ?`, [
              value,
            ]);
            const found = [...pieces, ...derived].filter((secret) => text.includes(secret));
            assert.deepEqual(found, [], `${name}.${column} as ${role}`);
            asked += 1;
          }
        }
      }
    }
    assert.ok(asked > 100, `${asked} questions`);
  });

  test("no role is told environment or memory of the daemon and its workers", async () => {
    const workers = await daemon.query(`select pid from processes where parent = ${daemon.pid}`);
    assert.ok(workers.length > 0);
    for (const pid of [daemon.pid, ...workers.map((row) => Number(row["pid"]))]) {
      assert.deepEqual(
        (await ask("admin", `select * from process_envs where pid = ${pid}`)).rows,
        [],
      );
      const scan = `select * from yara_process where pid = ${pid} and sigrule = '${anyRule}'`;
      assert.deepEqual((await ask("admin", scan)).rows, []);
    }
    const own = await ask("admin", `select * from process_envs where pid = ${process.pid}`);
    assert.ok(own.rows.length > 0, "those of other processes are told");
  });
}

function testPrivateFiles(): void {
  test("the role read gets digests of what every user could read, the role admin of all", async () => {
    const paths = ["plain", "pin", "closed/pin", "link"].map((name) => join(files, name));
    const sql = `select path from hash where path in (${paths.map(() => "?").join()})`;
    const read = await ask("read", sql, paths);
    assert.deepEqual(read.rows, [{ path: paths[0] }]);
    assert.match(read.text, /"refusedFiles":3/);
    const admin = await ask("admin", sql, paths);
    assert.deepEqual(admin.rows.map(({ path }) => path).sort(), [...paths].sort());
    assert.match(admin.text, /"refusedFiles":0/);
    assert.equal(await refused("file_private"), 3);
    const inNamespace = `select path from hash where path = ? and pid_with_namespace = ?`;
    const through = await ask("read", inNamespace, [join(files, "closed/pin"), process.pid]);
    assert.deepEqual(through.rows, []);
  });

  test("scheduled queries may use YARA rules", async () => {
    const lines = await eventually(
      async () => home.results().concat(snapshots(home)),
      (found) => found.some((line) => JSON.stringify(line).includes("any_file")),
    );
    assert.ok(JSON.stringify(lines).includes("any_file"));
  });
}

function snapshots(home: DaemonHome): readonly Record<string, unknown>[] {
  try {
    const text = readFileSync(join(home.logPath, "auditql.snapshots.log"), "utf8");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        const parsed: Record<string, unknown> = JSON.parse(line);
        return parsed;
      });
  } catch {
    return [];
  }
}
