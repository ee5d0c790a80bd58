// Rows compared with what an independent tool says of the same host.
import assert from "node:assert/strict";
import { test } from "node:test";
import { column, lines, needs, output, table } from "./independent_source.js";
import { equals, like, rowsOf } from "./table_rows.js";

test("users and groups equal getent's local entries", { skip: needs("getent") }, () => {
  const passwd = lines(output("getent", "-s", "files", "passwd"));
  const users = rowsOf(table("users")).map((row) =>
    [
      row["username"],
      "x",
      row["uid"],
      row["gid"],
      row["description"],
      row["directory"],
      row["shell"],
    ].join(":"),
  );
  assert.deepEqual(users, passwd);
  const group = lines(output("getent", "-s", "files", "group")).map((line) => line.split(":"));
  const groups = rowsOf(table("groups"));
  assert.deepEqual(column(groups, "groupname"), group.map(([name = ""]) => name).sort());
  assert.deepEqual(column(groups, "gid"), group.map(([, , gid = ""]) => gid).sort());
});

test("user_groups equals id", { skip: needs("id") }, () => {
  for (const row of rowsOf(table("users"))) {
    const name = String(row["username"]);
    const groups = column(rowsOf(table("user_groups"), [equals("uid", Number(row["uid"]))]), "gid");
    assert.deepEqual(groups, output("id", "-G", name).trim().split(" ").sort(), name);
  }
});

test("file equals stat", { skip: needs("stat") }, () => {
  for (const path of ["/etc/passwd", "/tmp", "/dev/null", "/bin/sh"]) {
    const [row] = rowsOf(table("file"), [equals("path", path)]);
    const format = "%i %u %g %04a %s %o %X %Y %Z %h %F";
    const stat = output("stat", "-L", "-c", format, path).trim().split(" ");
    const shown = [
      row?.["inode"],
      row?.["uid"],
      row?.["gid"],
      row?.["mode"],
      row?.["size"],
      row?.["block_size"],
      row?.["atime"],
      row?.["mtime"],
      row?.["ctime"],
      row?.["hard_links"],
    ];
    assert.deepEqual(shown.map(String), stat.slice(0, shown.length), path);
    assert.equal(row?.["symlink"], output("stat", "-c", "%F", path).includes("link") ? 1 : 0);
  }
});

test("file with a pattern equals find, hidden names apart", { skip: needs("find") }, () => {
  const one = column(rowsOf(table("file"), [like("path", "/etc/%")]), "path");
  const found = lines(output("sh", "-c", "ls -d /etc/*"));
  assert.deepEqual(one.map((path) => path.replace(/\/$/, "")).sort(), found.sort());
  const all = column(rowsOf(table("file"), [like("path", "/etc/ssl/%%")]), "path");
  const below = lines(output("sh", "-c", "find -L /etc/ssl -mindepth 1 2>/dev/null || true"));
  assert.deepEqual(all.map((path) => path.replace(/\/$/, "")).sort(), below.sort());
});

test("hash equals sha256sum, sha1sum and md5sum", { skip: needs("sha256sum") }, () => {
  const files = ["/etc/passwd", "/bin/sh", process.execPath];
  const rows = rowsOf(table("hash"), [equals("path", ...files)]);
  for (const name of ["sha256", "sha1", "md5"]) {
    const sums = lines(output(`${name}sum`, ...files)).map((line) => line.split(" ")[0] ?? "");
    assert.deepEqual(
      files.map((path) => rows.find((row) => row["path"] === path)?.[name]),
      sums,
    );
  }
});

test("hash refuses what is no regular file", () => {
  const paths = ["/etc", "/dev/zero", "/nonexistent", "/proc/self/fd/0\0"];
  assert.deepEqual(rowsOf(table("hash"), [equals("path", ...paths)]), []);
});

test("deb_packages equals dpkg-query", { skip: needs("dpkg-query") }, () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own form.
  const format = "${Package} ${Version} ${Architecture} ${Status}\\n";
  const expected = lines(output("dpkg-query", "-W", "-f", format)).sort();
  const rows = rowsOf(table("deb_packages")).map((row) =>
    [row["name"], row["version"], row["arch"], row["status"]].join(" "),
  );
  assert.deepEqual(rows.sort(), expected);
});

test("deb_package_files equals dpkg-query -L", { skip: needs("dpkg-query") }, () => {
  const rows = rowsOf(table("deb_package_files"), [equals("package", "libc6", "bash")]);
  const listed = ["libc6", "bash"].flatMap((name) => lines(output("dpkg-query", "-L", name)));
  const expected = listed.filter((path) => path.startsWith("/")).sort();
  assert.deepEqual(column(rows, "path"), expected);
});

test("mounts equals findmnt", { skip: needs("findmnt") }, () => {
  const expected = lines(output("findmnt", "-rn", "-o", "TARGET")).sort();
  assert.deepEqual(column(rowsOf(table("mounts")), "path"), expected);
  const [root] = rowsOf(table("mounts")).filter((row) => row["path"] === "/");
  const [blocks] = lines(output("stat", "-f", "-c", "%b %s %c", "/"));
  assert.equal(`${root?.["blocks"]} ${root?.["blocks_size"]} ${root?.["inodes"]}`, blocks);
});

test("interfaces equal ip", { skip: needs("ip") }, () => {
  interface Address {
    readonly local: string;
    readonly family: string;
    readonly scope: string;
    readonly broadcast?: string;
  }
  interface Link {
    readonly ifname: string;
    readonly mtu: number;
    readonly address: string;
    readonly flags: readonly string[];
    readonly addr_info: readonly Address[];
  }
  const links: readonly Link[] = JSON.parse(output("ip", "-json", "address"));
  const details = rowsOf(table("interface_details"));
  assert.deepEqual(
    details.map((row) => `${row["interface"]} ${row["mtu"]} ${row["mac"]}`),
    links.map(({ ifname, mtu, address }) => `${ifname} ${mtu} ${address}`).sort(),
  );
  const expected = links.flatMap(({ ifname, addr_info }) =>
    addr_info.map(({ local, scope, family, broadcast }) => {
      const zone = family === "inet6" && scope === "link" ? `%${ifname}` : "";
      return `${ifname} ${local}${zone} ${broadcast ?? ""}`;
    }),
  );
  const rows = rowsOf(table("interface_addresses")).map(
    (row) => `${row["interface"]} ${row["address"]} ${row["broadcast"] ?? ""}`,
  );
  assert.deepEqual(rows.sort(), expected.sort());
});

test("routes has the main table of ip route", { skip: needs("ip") }, () => {
  interface Route {
    readonly dst: string;
    readonly dev: string;
    readonly gateway?: string;
  }
  const expected: readonly Route[] = JSON.parse(output("ip", "-4", "-json", "route"));
  const rows = rowsOf(table("routes")).map(
    (row) =>
      `${row["destination"]}/${row["netmask"]} ${row["interface"]} ${row["gateway"] ?? "direct"}`,
  );
  for (const { dst, dev, gateway } of expected) {
    const [address = "", bits = "0"] = dst === "default" ? ["0.0.0.0"] : dst.split("/");
    const shown = `${address}/${bits} ${dev} ${gateway ?? "direct"}`;
    assert.ok(rows.includes(shown), shown);
  }
});

test("kernel_info, os_version, system_info and uptime equal uname and /proc", {
  skip: needs("uname"),
}, () => {
  assert.equal(rowsOf(table("kernel_info"))[0]?.["version"], output("uname", "-r").trim());
  assert.equal(rowsOf(table("os_version"))[0]?.["arch"], output("uname", "-m").trim());
  assert.equal(rowsOf(table("system_info"))[0]?.["computer_name"], output("uname", "-n").trim());
  const cores = Number(output("sh", "-c", "grep -c ^processor /proc/cpuinfo"));
  assert.equal(rowsOf(table("system_info"))[0]?.["cpu_logical_cores"], cores);
  const seconds = Number.parseFloat(output("cat", "/proc/uptime"));
  const shown = Number(rowsOf(table("uptime"))[0]?.["total_seconds"]);
  assert.ok(Math.abs(seconds - shown) <= 2);
});

test("memory_info equals free", { skip: needs("free") }, () => {
  const [, total] = lines(output("free", "-b"))[1]?.trim().split(/\s+/) ?? [];
  assert.equal(String(rowsOf(table("memory_info"))[0]?.["memory_total"]), total);
});

test("system_controls equals sysctl", { skip: needs("sysctl") }, () => {
  for (const name of ["kernel.pid_max", "net.ipv4.ip_forward", "kernel.ostype"]) {
    const [row] = rowsOf(table("system_controls"), [equals("name", name)]);
    assert.equal(row?.["current_value"], output("sysctl", "-n", name).trim());
  }
});

test("suid_bin equals find", { skip: needs("find") }, () => {
  const command = "find /usr/bin -type f -perm /6000 2>/dev/null | sort";
  const rows = rowsOf(table("suid_bin")).filter((row) =>
    String(row["path"]).startsWith("/usr/bin/"),
  );
  const regular = rows.filter(
    (row) => !output("stat", "-c", "%F", String(row["path"])).includes("link"),
  );
  assert.deepEqual(column(regular, "path"), lines(output("sh", "-c", command)));
});

test("block_devices equals lsblk", { skip: needs("lsblk") }, () => {
  const listed = lines(output("lsblk", "-rnb", "-o", "NAME,SIZE")).map((line) => {
    const [name, size] = line.split(" ");
    return `/dev/${name} ${Number(size) / 512}`;
  });
  const rows = rowsOf(table("block_devices")).map((row) => `${row["name"]} ${row["size"]}`);
  for (const line of listed) assert.ok(rows.includes(line), line);
});

test("apt_sources lists what apt knows", { skip: needs("apt-cache") }, () => {
  for (const row of rowsOf(table("apt_sources"))) {
    const policy = output("apt-cache", "policy");
    assert.ok(policy.includes(String(row["base_uri"])), String(row["base_uri"]));
  }
});

test("system_info has the processors of lscpu and the memory of free", {
  skip: needs("lscpu") || needs("free"),
}, () => {
  const { lscpu }: { lscpu: { field: string; data: string }[] } = JSON.parse(
    output("env", "LC_ALL=C", "lscpu", "-J"),
  );
  const told = (name: string) => lscpu.find(({ field }) => field === `${name}:`)?.data;
  const [row] = rowsOf(table("system_info"));
  const sockets = Number(told("Socket(s)"));
  assert.equal(row?.["cpu_brand"], told("Model name"));
  assert.equal(row?.["cpu_logical_cores"], Number(told("CPU(s)")));
  assert.equal(row?.["cpu_sockets"], sockets);
  assert.equal(row?.["cpu_physical_cores"], sockets * Number(told("Core(s) per socket")));
  const [, total] = lines(output("free", "-b"))[1]?.trim().split(/\s+/) ?? [];
  assert.equal(String(row?.["physical_memory"]), total);
});
