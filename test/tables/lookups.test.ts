// Which rows a state table is asked for: the order of joins, collations, and operators.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { ColumnSchema, TableSchema } from "../../src/tables/table_schema.js";
import { skip } from "../sql/pool_fixture.js";
import { type MadeUpDatabase, onMadeUpHost } from "./made_up_database.js";

const schemas: readonly TableSchema[] = Object.values(tableSchemas);
const stateSchemas = schemas.filter(({ kind }) => kind === "state");

const homes = ["root", "home/ann", "home/bob"];
const files: Record<string, string> = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/bash",
    "ann:x:1000:1000:Ann:/home/ann:/bin/bash",
    "bob:x:1001:1001:Bob:/home/bob:/bin/sh",
    "",
  ].join("\n"),
  "etc/shadow": "root:*:19000:0:99999:7:::\nann:!:19000:0:99999:7:::\n",
  "etc/group": "root:x:0:\nann:x:1000:\n",
  "etc/hosts": "127.0.0.1 localhost\n",
  "var/lib/dpkg/status":
    "Package: sed\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n",
  "var/lib/dpkg/info/sed.list": "/bin\n/bin/sed\n",
};
for (const home of homes) {
  files[`${home}/.ssh/authorized_keys`] = "ssh-ed25519 AAAA me@host\n";
  files[`${home}/.ssh/known_hosts`] = "host ssh-ed25519 AAAA\n";
  files[`${home}/.ssh/config`] = "Host a\nPort 22\n";
  files[`${home}/.bash_history`] = "ls\n";
}

const onHost = (use: (host: MadeUpDatabase) => void) => onMadeUpHost(files, use);

/** Table names of a plan, outermost loop first. */
const scans = (host: MadeUpDatabase, sql: string): string[] =>
  host
    .rows(`EXPLAIN QUERY PLAN ${sql}`)
    .map(({ detail }) => /^(?:SCAN|SEARCH) (\S+)/.exec(String(detail))?.[1] ?? "")
    .filter((name) => name !== "");

const userData = stateSchemas.filter(({ attributes }) => attributes.includes("user_data"));

test("whichever stands first, users is read before a table of users' files", { skip }, () => {
  assert.ok(userData.length > 10);
  onHost((host) => {
    for (const { name } of userData) {
      const joins = [
        `users JOIN ${name} USING (uid)`,
        `${name} JOIN users USING (uid)`,
        `${name} t, users u WHERE t.uid = u.uid AND u.username = 'ann'`,
        `(SELECT uid FROM users WHERE shell LIKE '%sh') JOIN ${name} USING (uid)`,
        `${name} JOIN (SELECT uid FROM users WHERE shell LIKE '%sh') USING (uid)`,
      ];
      for (const join of joins) {
        const [outer] = scans(host, `SELECT 1 FROM ${join}`);
        assert.ok(outer === "users" || outer === "u", `${join}: ${outer} is read first`);
      }
    }
  });
});

test("a join of users and their files has the rows of every account", { skip }, () => {
  onHost((host) => {
    for (const name of ["authorized_keys", "known_hosts", "shell_history", "ssh_configs"]) {
      for (const join of [`users JOIN ${name} USING (uid)`, `${name} JOIN users USING (uid)`]) {
        const found = host.values(`SELECT DISTINCT username FROM ${join} ORDER BY 1`);
        assert.deepEqual(found, ["ann", "bob", "root"], join);
      }
    }
    assert.deepEqual([...host.warnings], []);
    assert.deepEqual(
      host.values("SELECT uid FROM shell_history WHERE uid >= 1000 ORDER BY uid"),
      [1000, 1001],
    );
  });
});

test("a table of users' files without a uid shows the own account, and says so", { skip }, () => {
  // The account is the daemon's, whatever user the worker has become.
  for (const own of [0, 1001]) {
    onMadeUpHost(
      files,
      (host) => {
        assert.deepEqual(host.values("SELECT uid FROM authorized_keys"), [own]);
        assert.match([...host.warnings].join(), /^The authorized_keys table .* users table$/);
      },
      own,
    );
  }
});

test("a column that chooses what is read gets its value before the table is read", { skip }, () => {
  onHost((host) => {
    const seen: string[] = [];
    for (const { name, columns } of stateSchemas) {
      const required = columns.filter((column) => column.required);
      for (const column of columns.filter(({ scope }) => scope)) {
        const fixed = required.map((each) => ` AND t.${each.name} = '/etc'`).join("");
        const uid = columns.some((each) => each.name === "uid" && each.scope);
        const own = uid && column.name !== "uid" ? " AND t.uid = 0" : "";
        const sql = `SELECT 1 FROM ${name} t JOIN groups g ON t.${column.name} = g.gid${fixed}${own}`;
        const [outer] = scans(host, sql);
        assert.equal(outer, "g", sql);
        seen.push(`${name}.${column.name}`);
      }
    }
    for (const each of ["file.pid_with_namespace", "certificates.path", "yara_file.sigrule"]) {
      assert.ok(seen.includes(each), each);
    }
  });
});

const isText = ({ type }: ColumnSchema) => type === "TEXT";
const isLookedUp = ({ index, additional, required }: ColumnSchema) =>
  (index || additional || required) === true;

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

test("= under another collation finds what a comparison without lookup finds", { skip }, () => {
  onHost((host) => {
    const compared = new Set<string>();
    for (const { name, columns } of stateSchemas) {
      if (columns.some(({ required }) => required)) continue;
      for (const column of columns.filter((each) => isText(each) && isLookedUp(each))) {
        const [value] = host.values(
          `SELECT ${column.name} FROM ${name} WHERE ${column.name} <> ''`,
        );
        if (value === undefined) continue;
        for (const [text, collation] of [
          [String(value).toUpperCase(), "NOCASE"],
          [`${value}  `, "RTRIM"],
        ] as const) {
          const select = (left: string, right: string) =>
            host.rows(`SELECT * FROM ${name} WHERE ${left}${column.name} ${right}`);
          const expected = select("+", `= ${quote(text)} COLLATE ${collation}`);
          assert.ok(expected.length > 0, `${name}.${column.name} ${collation}`);
          const wheres = [`= ${quote(text)} COLLATE ${collation}`];
          for (const where of wheres) {
            assert.deepEqual(select("", where), expected, `${name}.${column.name} ${where}`);
          }
          const joined = host.rows(
            `WITH n(x) AS (SELECT ${quote(text)} COLLATE ${collation}) SELECT t.* FROM n JOIN ${name} t ON n.x = t.${column.name}`,
          );
          assert.deepEqual(joined, expected, `${name}.${column.name} joined, ${collation}`);
          const listed = select(`(`, `COLLATE ${collation}) IN (${quote(text)}, 'x')`);
          assert.deepEqual(listed, expected, `${name}.${column.name} IN, ${collation}`);
          compared.add(`${name}.${column.name}`);
        }
      }
    }
    for (const each of ["users.username", "shadow.username", "deb_package_files.package"]) {
      assert.ok(compared.has(each), each);
    }
  });
});

test("a number compared with text finds the text that SQLite makes of it", { skip }, () => {
  onMadeUpHost({ "etc/passwd": "123:x:5:5::/:/bin/sh\n" }, (host) => {
    assert.deepEqual(host.values("SELECT uid FROM users WHERE username = 123"), [5]);
    assert.deepEqual(host.values("SELECT uid FROM users WHERE username IN (123, 'x')"), [5]);
    const join =
      "WITH n(x) AS (SELECT CAST(123 AS INTEGER)) SELECT uid FROM n JOIN users ON username = x";
    assert.deepEqual(host.values(join), [5]);
  });
});

const requiredMessage = /without a required column in the WHERE clause: compare .* with =/;

test("a required column is looked up, or the query is rejected: never silence", { skip }, () => {
  onHost((host) => {
    const tables = stateSchemas.filter(({ columns }) => columns.some(({ required }) => required));
    assert.ok(tables.length > 10);
    for (const { name, columns } of tables) {
      for (const column of columns.filter(({ required }) => required)) {
        const where = (condition: string) => () =>
          host.rows(`SELECT * FROM ${name} WHERE ${column.name} ${condition}`);
        for (const condition of ["= '/etc/hosts'", "IN ('/etc/hosts', '/x')"]) {
          assert.doesNotThrow(where(condition), `${name}.${column.name} ${condition}`);
        }
        const patterns = ["LIKE '/etc/hos%'", "GLOB '/etc/hos*'"];
        const refused = ["REGEXP '^/etc'", "> '/etc'", "IS '/etc/hosts'", "<> ''", "IS NOT NULL"];
        if (column.patterns) for (const each of patterns) assert.doesNotThrow(where(each));
        else refused.push(...patterns);
        if (isText(column)) refused.push("= '/ETC/HOSTS' COLLATE NOCASE");
        // A column that compares without regard to case itself is looked up so.
        const isNocase = column.collation?.toLowerCase() === "nocase";
        for (const each of isNocase ? refused.slice(0, -1) : refused) {
          assert.throws(where(each), requiredMessage, `${name}.${column.name} ${each}`);
        }
      }
    }
    const paths = (condition: string) =>
      host.values(`SELECT path FROM file WHERE ${condition} ORDER BY path`);
    assert.deepEqual(paths("path GLOB '/etc/host*'"), ["/etc/hosts"]);
    assert.deepEqual(paths("path GLOB '/etc/[fgh]ost?'"), ["/etc/hosts"]);
    assert.deepEqual(paths("path GLOB '/etc/[z-a]*'"), []);
    assert.deepEqual(paths("path GLOB '/home/**' AND filename = '.bash_history'"), [
      "/home/ann/.bash_history",
      "/home/bob/.bash_history",
    ]);
    assert.deepEqual(paths("directory GLOB '/home/*' AND filename LIKE '.bash%'"), [
      "/home/ann/.bash_history",
      "/home/bob/.bash_history",
    ]);
    assert.equal(host.rows("SELECT * FROM hash WHERE path GLOB '/etc/host*'").length, 1);
  });
});

// Tables of osquery 4.0.0 or later that build on Linux and that its source at 5.23.1 or after it does
// not have: `git log --diff-filter=D -- specs`. `yara` is now a name of yara_file.
const removedNames = [
  "atom_packages",
  "bpf_process_events",
  "bpf_socket_events",
  "elf_dynamic",
  "elf_info",
  "elf_sections",
  "elf_segments",
  "elf_symbols",
  "kernel_integrity",
  "lldp_neighbors",
  "opera_extensions",
  "smart_drive_info",
];

test("tables that osquery removed can be queried, and say so", { skip }, () => {
  const removed = stateSchemas.filter((schema) => schema.removed !== undefined);
  assert.deepEqual(removed.map(({ name }) => name).sort(), removedNames);
  const page = "docs/get-started/migrating-from-osquery.md";
  const docs = readFileSync(join(process.cwd(), page), "utf8");
  for (const { name, columns, instead } of removed) {
    onHost((host) => {
      const required = columns.find((column) => column.required);
      const where = required === undefined ? "" : `WHERE ${required.name} = '/etc/hosts'`;
      assert.deepEqual(host.rows(`SELECT * FROM ${name} ${where}`), []);
      const warnings = [...host.warnings].join();
      assert.match(warnings, new RegExp(`osquery removed the table ${name} (in|after) [45]\\.`));
      if (instead !== undefined) {
        assert.match(warnings, new RegExp(`Query ${instead} instead`));
        assert.ok(
          schemas.some((schema) => schema.name === instead),
          instead,
        );
      }
    });
    assert.match(docs, new RegExp(`\`${name}\``), `${page} has no ${name}`);
  }
});

test("conditions joined by OR give the rows of each, once", { skip }, () => {
  onHost((host) => {
    const username = (where: string) =>
      host.values(`SELECT username FROM users WHERE ${where} ORDER BY uid`);
    assert.deepEqual(username("uid = 0 OR username = 'ann'"), ["root", "ann"]);
    assert.deepEqual(username("uid = 1000 OR username = 'root'"), ["root", "ann"]);
    assert.deepEqual(username("uid = 1000 OR username = 'ann'"), ["ann"]);
    const path = (where: string) =>
      host.values(`SELECT path FROM file WHERE ${where} ORDER BY path`);
    assert.deepEqual(path("path = '/etc/group' OR directory = '/etc'"), [
      "/etc/group",
      "/etc/hosts",
      "/etc/passwd",
      "/etc/shadow",
    ]);
    // Rows that agree in all that is read are as many as there are.
    const twice = "SELECT count(*) FROM authorized_keys WHERE uid = 1000 OR uid >= 1001";
    assert.deepEqual(host.values(twice), [2]);
    host.write("/home/ann/.bash_history", "ls\nls\nls\n");
    const equal =
      "SELECT command FROM shell_history WHERE uid = 1000 OR (uid > 1000 AND command = 'ls')";
    assert.equal(host.rows(equal).length, 4);
  });
});

test("accounts that share uid and home have their files once", { skip }, () => {
  onHost((host) => {
    host.write(
      "etc/passwd",
      [
        "ann:x:1000:1000::/home/ann:/bin/sh",
        "anne:x:1000:1000::/home/ann/:/bin/sh",
        "ben:x:1000:1000::/home/bob:/bin/sh",
        "",
      ].join("\n"),
    );
    for (const [name, file] of [
      ["authorized_keys", "key_file"],
      ["known_hosts", "key_file"],
      ["shell_history", "history_file"],
    ] as const) {
      const found = host.values(`SELECT ${file} FROM ${name} WHERE uid = 1000 ORDER BY 1`);
      assert.equal(found.length, 2, name);
      assert.match(String(found[0]), /^\/home\/ann\/\./);
      assert.match(String(found[1]), /^\/home\/bob\/\./);
    }
    assert.deepEqual(host.rows("SELECT uid, gid FROM user_groups WHERE uid = 1000"), [
      { uid: 1000, gid: 1000 },
    ]);
  });
});
