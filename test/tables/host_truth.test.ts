// Rows about the machine and its network, compared with what an independent tool says of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { column, lines, needs, output, table } from "./independent_source.js";
import { lastingDifferences } from "./lasting_differences.js";
import { equals, rowsOf } from "./table_rows.js";

/** What is left where a table shows more than its source tells. */
const missing = (differences: readonly string[]) =>
  differences.filter((line) => line.startsWith("-"));

test("mounts equals findmnt", { skip: needs("findmnt") }, () => {
  const paths = lastingDifferences(
    () => lines(output("findmnt", "-rn", "-o", "TARGET")),
    () => column(rowsOf(table("mounts")), "path"),
  );
  assert.deepEqual(paths, []);
  const sizes = lastingDifferences(
    () => lines(output("stat", "-f", "-c", "%b %s %c", "/")),
    () =>
      rowsOf(table("mounts"))
        .filter((row) => row["path"] === "/")
        .map((row) => `${row["blocks"]} ${row["blocks_size"]} ${row["inodes"]}`),
  );
  assert.deepEqual(sizes, []);
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
  const links = (): readonly Link[] => JSON.parse(output("ip", "-json", "address"));
  const details = lastingDifferences(
    () => links().map(({ ifname, mtu, address }) => `${ifname} ${mtu} ${address}`),
    () =>
      rowsOf(table("interface_details")).map(
        (row) => `${row["interface"]} ${row["mtu"]} ${row["mac"]}`,
      ),
  );
  assert.deepEqual(details, []);
  const addresses = lastingDifferences(
    () =>
      links().flatMap(({ ifname, addr_info }) =>
        addr_info.map(({ local, scope, family, broadcast }) => {
          const zone = family === "inet6" && scope === "link" ? `%${ifname}` : "";
          return `${ifname} ${local}${zone} ${broadcast ?? ""}`;
        }),
      ),
    () =>
      rowsOf(table("interface_addresses")).map(
        (row) => `${row["interface"]} ${row["address"]} ${row["broadcast"] ?? ""}`,
      ),
  );
  assert.deepEqual(addresses, []);
});

test("routes has the main table of ip route", { skip: needs("ip") }, () => {
  interface Route {
    readonly dst: string;
    readonly dev: string;
    readonly gateway?: string;
  }
  const differences = lastingDifferences(
    () => {
      const routes: readonly Route[] = JSON.parse(output("ip", "-4", "-json", "route"));
      return routes.map(({ dst, dev, gateway }) => {
        const [address = "", bits = "0"] = dst === "default" ? ["0.0.0.0"] : dst.split("/");
        return `${address}/${bits} ${dev} ${gateway ?? "direct"}`;
      });
    },
    () =>
      rowsOf(table("routes")).map(
        (row) =>
          `${row["destination"]}/${row["netmask"]} ${row["interface"]} ${row["gateway"] ?? "direct"}`,
      ),
  );
  assert.deepEqual(missing(differences), []);
});

test("kernel_info, os_version and system_info equal uname, and uptime /proc", {
  skip: needs("uname"),
}, () => {
  const uname = lastingDifferences(
    () => ["-r", "-m", "-n"].map((flag) => output("uname", flag).trim()),
    () => [
      String(rowsOf(table("kernel_info"))[0]?.["version"]),
      String(rowsOf(table("os_version"))[0]?.["arch"]),
      String(rowsOf(table("system_info"))[0]?.["computer_name"]),
    ],
  );
  assert.deepEqual(uname, []);
  const seconds = () => Math.floor(Number.parseFloat(output("cat", "/proc/uptime")));
  const before = seconds();
  const [row] = rowsOf(table("uptime"));
  const { days, hours, minutes, seconds: rest, total_seconds: total } = row ?? {};
  assert.ok(before <= Number(total) && Number(total) <= seconds(), String(total));
  const parts = [Number(days) * 24, Number(hours), Number(minutes), Number(rest)];
  assert.equal(
    parts.reduce((sum, part, at) => sum * (at === 1 ? 1 : 60) + part),
    Number(total),
  );
});

test("memory_info equals free", { skip: needs("free") }, () => {
  const differences = lastingDifferences(
    () =>
      lines(output("free", "-b"))
        .slice(1, 2)
        .map((line) => String(line.split(/\s+/)[1])),
    () => column(rowsOf(table("memory_info")), "memory_total"),
  );
  assert.deepEqual(differences, []);
});

test("system_controls equals sysctl", { skip: needs("sysctl") }, () => {
  const names = ["kernel.pid_max", "net.ipv4.ip_forward", "kernel.ostype"];
  const differences = lastingDifferences(
    () => names.map((name) => `${name} ${output("sysctl", "-n", name).trim()}`),
    () =>
      rowsOf(table("system_controls"), [equals("name", ...names)]).map(
        (row) => `${row["name"]} ${row["current_value"]}`,
      ),
  );
  assert.deepEqual(differences, []);
});

test("block_devices equals lsblk", { skip: needs("lsblk") }, () => {
  const differences = lastingDifferences(
    () =>
      lines(output("lsblk", "-rnb", "-o", "NAME,SIZE")).map((line) => {
        const [name, size] = line.split(" ");
        return `/dev/${name} ${Number(size) / 512}`;
      }),
    () => rowsOf(table("block_devices")).map((row) => `${row["name"]} ${row["size"]}`),
  );
  assert.deepEqual(missing(differences), []);
});

test("apt_sources lists what apt knows", { skip: needs("apt-cache") }, () => {
  const differences = lastingDifferences(
    () => [...new Set(output("apt-cache", "policy").match(/(?<= )\w+:\/\/\S+/g) ?? [])],
    () => [...new Set(column(rowsOf(table("apt_sources")), "base_uri"))],
  );
  // apt names sources without a list too.
  assert.deepEqual(
    differences.filter((line) => line.startsWith("+")),
    [],
  );
});

test("system_info has the processors of lscpu and the memory of free", {
  skip: needs("lscpu") || needs("free"),
}, () => {
  const told = (): string[] => {
    const { lscpu }: { lscpu: { field: string; data: string }[] } = JSON.parse(
      output("env", "LC_ALL=C", "lscpu", "-J"),
    );
    const value = (name: string) => lscpu.find(({ field }) => field === `${name}:`)?.data;
    const sockets = Number(value("Socket(s)"));
    return [
      `brand ${value("Model name")}`,
      `logical ${value("CPU(s)")}`,
      `sockets ${sockets}`,
      `physical ${sockets * Number(value("Core(s) per socket"))}`,
      `memory ${lines(output("free", "-b"))[1]?.trim().split(/\s+/)[1]}`,
    ];
  };
  const differences = lastingDifferences(told, () =>
    rowsOf(table("system_info")).flatMap((row) => [
      `brand ${row["cpu_brand"]}`,
      `logical ${row["cpu_logical_cores"]}`,
      `sockets ${row["cpu_sockets"]}`,
      `physical ${row["cpu_physical_cores"]}`,
      `memory ${row["physical_memory"]}`,
    ]),
  );
  assert.deepEqual(differences, []);
});
