// Rows of tables that native code reads, compared with what an independent tool says.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadAddon } from "../../src/native/addon.js";
import { column, lines, needs, output, table } from "./independent_source.js";
import { lastingDifferences } from "./lasting_differences.js";
import { equals, rowsOf } from "./table_rows.js";

const { tableSources: sources } = loadAddon();
const folder = mkdtempSync(join(tmpdir(), "auditql-native-"));
after(() => rmSync(folder, { recursive: true }));

const withoutMagic =
  sources.describeFile("/", "") === null ? "libmagic.so.1 is not installed" : needs("file");
const withoutYara =
  sources.compileYaraRules("rule every { condition: true }") === null
    ? "libyara is not installed"
    : false;

test("magic equals file", { skip: withoutMagic }, () => {
  symlinkSync("/etc/passwd", join(folder, "link"));
  writeFileSync(join(folder, "script"), "#!/bin/sh\necho\n");
  writeFileSync(join(folder, "empty"), "");
  const made = ["link", "script", "empty"].map((name) => join(folder, name));
  const paths = [...made, "/etc/passwd", "/bin/sh", "/etc", "/dev/null", process.execPath];
  const rows = rowsOf(table("magic"), [equals("path", ...paths)]);
  for (const [flag, name] of [
    ["--", "data"],
    ["--mime-type", "mime_type"],
    ["--mime-encoding", "mime_encoding"],
  ] as const) {
    const expected = lines(output("file", "-b", flag, ...paths));
    assert.deepEqual(
      paths.map((path) => rows.find((row) => row["path"] === path)?.[name]),
      expected,
      name,
    );
  }
  const absent = [equals("path", join(folder, "absent"))];
  assert.deepEqual(rowsOf(table("magic"), absent), []);
});

test("extended_attributes equals getfattr and getcap", { skip: needs("getfattr") }, (context) => {
  const path = join(folder, "attributes");
  writeFileSync(path, "");
  if (spawnSync("setfattr", ["-n", "user.text", "-v", "a value", path]).status !== 0) {
    context.skip("the file system takes no attributes");
    return;
  }
  output("setfattr", "-n", "user.bytes", "-v", "0x00ff10", path);
  const rows = rowsOf(table("extended_attributes"), [equals("path", path)]);
  const shown = new Map(rows.map((row) => [row["key"], [row["value"], row["base64"]]]));
  assert.deepEqual(shown.get("user.text"), ["a value", 0]);
  assert.deepEqual(shown.get("user.bytes"), ["AP8Q", 1]);
  const names = lines(output("getfattr", "-m", "-", path)).filter((line) => !line.startsWith("#"));
  assert.deepEqual(column(rows, "key"), names.sort());
});

test("extended_attributes writes capabilities as getcap does", {
  skip: needs("setcap") || (process.getuid?.() === 0 ? false : "needs root"),
}, (context) => {
  const path = join(folder, "capable");
  writeFileSync(path, "");
  for (const text of ["cap_net_raw=ep", "cap_chown,cap_bpf=p", "cap_kill=eip"]) {
    if (spawnSync("setcap", [text, path]).status !== 0) {
      context.skip("the file system takes no capabilities");
      return;
    }
    const rows = rowsOf(table("extended_attributes"), [equals("path", path)]);
    const expected = output("getcap", path).trim().split(" ").slice(1).join(" ");
    assert.equal(rows.find((row) => row["key"] === "security.capability")?.["value"], expected);
  }
});

test("cpuid equals the flags of /proc/cpuinfo", {
  skip: sources.cpuid(0, 0) === null ? "no x86 processor" : false,
}, () => {
  const cpuinfo = readFileSync("/proc/cpuinfo", "utf8");
  const value = (name: string) => cpuinfo.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1] ?? "";
  const flags = new Set(value("flags").split(" "));
  const rows = new Map(rowsOf(table("cpuid")).map((row) => [row["feature"], row["value"]]));
  assert.equal(rows.get("vendor"), value("vendor_id"));
  assert.equal(rows.get("product_name"), value("model name"));
  // Features that the kernel calls the same and does not clear.
  for (const name of ["pae", "msr", "sep", "mtrr", "sse", "sse2", "ssse3", "aes", "avx", "nx"]) {
    assert.equal(rows.get(name), flags.has(name) ? "1" : "0", name);
  }
  assert.equal(rows.get("hypervisor"), flags.has("hypervisor") ? "1" : "0");
});

test("users with include_remote equals getent", { skip: needs("getent") }, () => {
  const shown = (rows: ReturnType<typeof rowsOf>) =>
    rows.map((row) => ["username", "uid", "gid", "shell"].map((name) => row[name]).join(":"));
  const expected = (...keys: string[]) =>
    lines(output("getent", "passwd", ...keys)).map((line) => {
      const [name, , uid, gid, , , shell] = line.split(":");
      return [name, uid, gid, shell].join(":");
    });
  const remote = equals("include_remote", 1);
  const named = equals("username", "nobody");
  for (const [keys, ...asked] of [[[]], [["0"], equals("uid", 0)], [["nobody"], named]] as const) {
    const differences = lastingDifferences(
      () => expected(...keys),
      () => shown(rowsOf(table("users"), [remote, ...asked])),
    );
    assert.deepEqual(differences, []);
  }
  assert.deepEqual(rowsOf(table("users"), [remote, equals("username", "no-such-user")]), []);
});

test("yara_file tells which rules match", { skip: withoutYara }, () => {
  const path = join(folder, "scanned");
  writeFileSync(path, "one needle in a haystack");
  const rule =
    'rule found : tag1 tag2 { strings: $a = "needle" condition: $a } rule other { condition: false }';
  const scan = (name: string, key: string, target: string | number, sigrule = rule) =>
    rowsOf(table(name), [equals(key, target), equals("sigrule", sigrule)]).map((row) => [
      row["matches"],
      row["count"],
      row["tags"],
    ]);
  assert.deepEqual(scan("yara_file", "path", path), [["found", 1, "tag1,tag2"]]);
  assert.deepEqual(scan("yara_file", "path", "/etc/hostname"), [["", 0, ""]]);
  assert.deepEqual(scan("yara_file", "path", path, "rule broken { nonsense }"), []);
  assert.deepEqual(scan("yara_file", "path", path, 'include "/etc/passwd"'), []);
  const ruleFile = join(folder, "rules.yar");
  writeFileSync(ruleFile, rule);
  const bySigfile = rowsOf(table("yara_file"), [equals("path", path), equals("sigfile", ruleFile)]);
  assert.deepEqual(column(bySigfile, "matches"), ["found"]);
});

test("yara_process finds what a process has in memory, and lets it run on", {
  skip: withoutYara,
}, async () => {
  const child = spawn("cat", [], { env: { AUDITQL_NEEDLE: "in_memory_42" } });
  await once(child, "spawn");
  try {
    const sigrule = 'rule found { strings: $a = "AUDITQL_NEEDLE=in_memory" condition: $a }';
    const asked = [equals("pid", child.pid ?? 0), equals("sigrule", sigrule)];
    assert.deepEqual(column(rowsOf(table("yara_process"), asked), "matches"), ["found"]);
    child.stdin.end("still here");
    const [echoed] = await once(child.stdout, "data");
    assert.equal(String(echoed), "still here");
  } finally {
    child.kill();
  }
});

const rulesText = `*filter
:INPUT DROP [7:700]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:watched - [0:0]
:idle - [0:0]
-A INPUT ! -s 10.0.0.0/8 -i eth+ -p tcp -m tcp --sport 1:2 --dport 22 -j ACCEPT
-A INPUT -d 192.0.2.1/32 -p udp -j watched
-A INPUT -p icmp
-A watched -o lo -j RETURN
-A watched -j REJECT --reject-with icmp-port-unreachable
COMMIT
`;

/** Rows of iptables in a network namespace of its own that has these rules only. */
function rowsInNamespace(rules: string): unknown[][] {
  const script = `
    import { iptables } from ${JSON.stringify(new URL("../../src/tables/network/iptables.js", import.meta.url).href)};
    import { thisHost } from ${JSON.stringify(new URL("./table_rows.js", import.meta.url).href)};
    const columns = ["chain", "policy", "target", "protocol", "src_ip", "src_mask", "src_port",
      "dst_port", "dst_ip", "iniface", "iniface_mask", "outiface", "match", "packets"];
    const rows = [...iptables.generate({ constraints: [], columns: new Set() }, thisHost)];
    console.log(JSON.stringify(rows.filter((row) => row.filter_name === "filter")
      .map((row) => columns.map((name) => row[name] ?? null))));`;
  const scriptFile = join(folder, "rows.mjs");
  const rulesFile = join(folder, "rules");
  writeFileSync(scriptFile, script);
  writeFileSync(rulesFile, rules);
  const command = `iptables-legacy-restore -c < ${rulesFile} && ${process.execPath} ${scriptFile}`;
  return JSON.parse(output("unshare", "-n", "sh", "-c", command));
}

test("iptables shows the rules that iptables-restore made", {
  skip: needs("iptables-legacy-restore") || (process.getuid?.() === 0 ? false : "needs root"),
}, (context) => {
  if (spawnSync("unshare", ["-n", "iptables-legacy", "-L"]).status !== 0) {
    context.skip("the kernel has no ip_tables, or no namespaces");
    return;
  }
  const any = ["0.0.0.0", "0.0.0.0"];
  assert.deepEqual(rowsInNamespace(rulesText), [
    [
      "INPUT",
      "DROP",
      "ACCEPT",
      6,
      "!10.0.0.0",
      "255.0.0.0",
      "1:2",
      "22:22",
      "0.0.0.0",
      "eth+",
      "FFFFFF",
      "all",
      "yes",
      0,
    ],
    ["INPUT", "DROP", "watched", 17, ...any, "", "", "192.0.2.1", "all", "", "all", "no", 0],
    ["INPUT", "DROP", "", 1, ...any, "", "", "0.0.0.0", "all", "", "all", "no", 0],
    ["INPUT", "DROP", null, null, null, null, null, null, null, null, null, null, null, 7],
    ["FORWARD", "ACCEPT", null, null, null, null, null, null, null, null, null, null, null, 0],
    ["OUTPUT", "ACCEPT", null, null, null, null, null, null, null, null, null, null, null, 0],
    ["idle", "", null, null, null, null, null, null, null, null, null, null, null, 0],
    ["watched", "", "RETURN", 0, ...any, "", "", "0.0.0.0", "all", "", "lo", "no", 0],
    ["watched", "", "REJECT", 0, ...any, "", "", "0.0.0.0", "all", "", "all", "no", 0],
    ["watched", "", null, null, null, null, null, null, null, null, null, null, null, 0],
  ]);
});
