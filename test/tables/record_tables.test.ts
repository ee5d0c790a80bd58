import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Engine } from "../../src/native/engine.js";
import { type PoolFixture, request, resultOf, skip, withPool } from "../sql/pool_fixture.js";

type Row = Readonly<Record<string, unknown>>;

async function rowsOf({ pool }: PoolFixture, sql: string): Promise<Row[]> {
  const { text, outcome } = await resultOf(pool.run(request(sql)));
  assert.equal(outcome.error, null);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Row => JSON.parse(line));
}

function replay(engine: Engine, text: string): void {
  engine.feedLog(Buffer.from(text));
  engine.finishLog();
}

const stamp = (serial: number) => `msg=audit(1700000000.250:${serial}):`;

const userLogin = `type=USER_LOGIN ${stamp(1)} pid=812 uid=0 auid=1000 ses=3 subj=unconfined msg='op=login acct=28756E6B6E6F776E29 exe="/usr/sbin/sshd" hostname=? addr=192.0.2.7 terminal=sshd res=failed'\n`;
const spoofed = `type=USER ${stamp(2)} pid=900 uid=1000 auid=1000 ses=3 msg='text=hello pid=1 uid=0 exe="/usr/sbin/auditctl" hostname=host1 addr=? terminal=pts/1 res=success'\n`;
const userCommand = `type=USER_CMD ${stamp(3)} pid=901 uid=1000 auid=1000 ses=4294967295 msg='cwd="/root" cmd=6C73202D6C exe="/usr/bin/sudo" terminal=pts/1 res=success'\n`;

test("user_events has osquery's columns of a message, and its fields", { skip }, async () => {
  await withPool({}, async (fixture) => {
    replay(fixture.engine, userLogin);
    const columns =
      "uid, auid, pid, message, type, path, address, terminal, time, eid, record_type, operation, account, result, session_id, subject";
    assert.deepEqual(await rowsOf(fixture, `select ${columns} from user_events`), [
      {
        uid: 0,
        auid: 1000,
        pid: 812,
        message: "op=login",
        type: 1112,
        path: "/usr/sbin/sshd",
        address: "192.0.2.7",
        terminal: "sshd",
        time: 1700000000,
        eid: "0000000000000001",
        record_type: "USER_LOGIN",
        operation: "login",
        account: "(unknown)",
        result: "failed",
        session_id: 3,
        subject: "unconfined",
      },
    ]);
  });
});

test("who sent a message is what the kernel says, not the message", { skip }, async () => {
  await withPool({}, async (fixture) => {
    replay(fixture.engine, spoofed + userCommand);
    const sql = "select pid, uid, session_id, message, command from user_events order by eid";
    assert.deepEqual(await rowsOf(fixture, sql), [
      { pid: 900, uid: 1000, session_id: 3, message: "text=hello", command: null },
      { pid: 901, uid: 1000, session_id: null, message: 'cwd="/root"', command: "ls -l" },
    ]);
  });
});

const seccomp = (fields: string) =>
  `type=SECCOMP ${stamp(4)} auid=4294967295 uid=33 gid=33 ses=4294967295 pid=77 comm="worker" exe=2F746D702F6120622F78 ${fields}\n`;

test("seccomp_events names machine, call and action", { skip }, async () => {
  await withPool({}, async (fixture) => {
    replay(
      fixture.engine,
      [
        "sig=31 arch=c000003e syscall=59 compat=0 ip=0x7f00 code=0x80000000",
        "sig=0 arch=40000003 syscall=11 compat=1 ip=0x8 code=0x50001",
        "sig=0 arch=c000003e syscall=99999 compat=0 ip=0x8 code=0x7ffc0000",
      ]
        .map((fields, index) => seccomp(fields).replace(":4)", `:${4 + index})`))
        .join(""),
    );
    const sql =
      "select auid, pid, comm, exe, sig, arch, syscall, compat, ip, code from seccomp_events order by eid";
    const shared = { auid: 4294967295, pid: 77, comm: "worker", exe: "/tmp/a b/x" };
    assert.deepEqual(await rowsOf(fixture, sql), [
      {
        ...shared,
        sig: 31,
        arch: "X86_64",
        syscall: "execve",
        compat: 0,
        ip: "0x7f00",
        code: "KILL_PROCESS",
      },
      { ...shared, sig: 0, arch: "I386", syscall: "execve", compat: 1, ip: "0x8", code: "ERRNO" },
      {
        ...shared,
        sig: 0,
        arch: "X86_64",
        syscall: "99999(unknown)",
        compat: 0,
        ip: "0x8",
        code: "LOG",
      },
    ]);
  });
});

const avcText =
  'avc:  denied  { read write } for  pid=5 comm="httpd" name="shadow" scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:shadow_t:s0 tclass=file permissive=0';
const userAvc = `pid=6 uid=81 auid=4294967295 ses=4294967295 msg='avc:  denied  { send_msg } for  scontext=a tcontext=b tclass=dbus permissive=1 exe="/usr/bin/dbus-daemon" sauid=81'`;

test("selinux_events has the records as they are, and what they say", { skip }, async () => {
  await withPool({}, async (fixture) => {
    const records = [
      `type=AVC ${stamp(8)} ${avcText}`,
      `type=USER_AVC ${stamp(9)} ${userAvc}`,
      `type=MAC_STATUS ${stamp(10)} enforcing=0 old_enforcing=1 auid=0 ses=1`,
    ];
    replay(fixture.engine, `${records.join("\n")}\n`);
    const sql =
      "select type, message, pid, decision, permissions, tclass, permissive from selinux_events order by serial";
    assert.deepEqual(await rowsOf(fixture, sql), [
      {
        type: "AVC",
        message: `audit(1700000000.250:8): ${avcText}`,
        pid: 5,
        decision: "denied",
        permissions: "read write",
        tclass: "file",
        permissive: 0,
      },
      {
        type: "USER_AVC",
        message: `audit(1700000000.250:9): ${userAvc}`,
        pid: 6,
        decision: "denied",
        permissions: "send_msg",
        tclass: "dbus",
        permissive: 1,
      },
      {
        type: "MAC_STATUS",
        message: "audit(1700000000.250:10): enforcing=0 old_enforcing=1 auid=0 ses=1",
        pid: null,
        decision: null,
        permissions: null,
        tclass: null,
        permissive: null,
      },
    ]);
    assert.deepEqual(await rowsOf(fixture, "select 1 from user_events"), []);
  });
});

test("apparmor_events has the fields without quotes", { skip }, async () => {
  await withPool({}, async (fixture) => {
    const text =
      'apparmor="DENIED" operation="capable" profile="/usr/sbin/cupsd" name=2F746D702F612062 pid=710 comm="cupsd" capability=12 capname="net_admin" requested_mask="r" denied_mask="r" fsuid=7 ouid=0';
    replay(fixture.engine, `type=AVC ${stamp(11)} ${text}\n`);
    const sql =
      "select type, message, apparmor, operation, profile, name, pid, comm, capability, capname, requested_mask, denied_mask, fsuid, ouid, parent, label from apparmor_events";
    assert.deepEqual(await rowsOf(fixture, sql), [
      {
        type: "AA",
        message: `audit(1700000000.250:11): ${text}`,
        apparmor: "DENIED",
        operation: "capable",
        profile: "/usr/sbin/cupsd",
        name: "/tmp/a b",
        pid: 710,
        comm: "cupsd",
        capability: 12,
        capname: "net_admin",
        requested_mask: "r",
        denied_mask: "r",
        fsuid: 7,
        ouid: 0,
        parent: null,
        label: "",
      },
    ]);
    assert.deepEqual(await rowsOf(fixture, "select 1 from selinux_events"), []);
  });
});

const corpus = join(
  process.env["AUDITQL_CORPUS"] ?? join(process.cwd(), "../shared/corpus"),
  "go-libaudit/auparse",
);
const skipCorpus = skip || (existsSync(corpus) ? false : "the corpus is not here");

test("each message of user space in recorded logs is one row", { skip: skipCorpus }, async () => {
  for (const name of ["audit-rhel6.log", "audit-rhel7.log", "audit-ubuntu17.log"]) {
    const text = readFileSync(join(corpus, name), "utf8");
    const types = [...text.matchAll(/^(?:node=\S+ )?type=(\S+) /gm)].map(([, type]) => type ?? "");
    const isMessage =
      /^(USER(?!_AVC)|CRED_|SERVICE_|USYS_|ADD_|DEL_|GRP_|ACCT_|SYSTEM_|CRYPTO_|ANOM_|VIRT_|SOFTWARE_)/;
    const expected = types.filter((type) => isMessage.test(type) && type !== "ANOM_ABEND").sort();
    await withPool({}, async (fixture) => {
      replay(fixture.engine, text);
      const rows = await rowsOf(fixture, "select record_type as type from user_events");
      assert.deepEqual(rows.map(({ type }) => String(type)).sort(), expected, name);
    });
  }
});
