// Modules as a kernel that has some lists them, read by lsmod in a mount namespace of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lines, needs, output, table } from "./independent_source.js";
import { hostBelow, rowsOf } from "./table_rows.js";

const root = mkdtempSync(join(tmpdir(), "auditql-modules-"));
after(() => rmSync(root, { recursive: true }));

interface Module {
  readonly name: string;
  readonly size: number;
  readonly holders: readonly string[];
  /** What stands behind the address: taints. */
  readonly more?: string;
}

const loadedModules: readonly Module[] = [
  { name: "nf_tables", size: 331_776, holders: ["nft_chain_nat", "nft_compat"] },
  { name: "nft_chain_nat", size: 16_384, holders: [] },
  { name: "nft_compat", size: 20_480, holders: [], more: " (OE)" },
  { name: "zfs", size: 4_294_967_296, holders: [], more: " (POE)" },
];

/** proc(5) has the holders with a comma after each; lsmod reads sizes and holders from sysfs. */
function load(): void {
  mkdirSync(join(root, "proc"));
  const text = loadedModules
    .map(({ name, size, holders, more = "" }) => {
      const path = join(root, "sys/module", name);
      mkdirSync(join(path, "holders"), { recursive: true });
      for (const holder of holders) mkdirSync(join(path, "holders", holder));
      writeFileSync(join(path, "coresize"), `${size}\n`);
      writeFileSync(join(path, "refcnt"), `${holders.length}\n`);
      writeFileSync(join(path, "initstate"), "live\n");
      const users = holders.map((holder) => `${holder},`).join("") || "-";
      return `${name} ${size} ${holders.length} ${users} Live 0xffffffffc0a00000${more}\n`;
    })
    .join("");
  writeFileSync(join(root, "proc/modules"), text);
}

const described = (name: unknown, size: unknown, holders: string) =>
  `${name} ${size} ${holders.split(",").sort().join()}`;

function told(): string[] {
  const script = `mount --bind ${root}/sys /sys && mount --bind ${root}/proc /proc && lsmod`;
  return lines(output("unshare", "-m", "sh", "-c", script))
    .slice(1)
    .map((line) => {
      const [name, size, , holders = ""] = line.split(/\s+/);
      return described(name, size, holders);
    });
}

test("kernel_modules equals lsmod", {
  skip: needs("lsmod") || (process.getuid?.() === 0 ? false : "needs root"),
}, (context) => {
  if (spawnSync("unshare", ["-m", "true"]).status !== 0) {
    context.skip("no mount namespaces here");
    return;
  }
  load();
  const rows = rowsOf(table("kernel_modules"), [], hostBelow(root));
  const shown = rows.map(({ name, size, used_by }) =>
    described(name, size, used_by === "-" ? "" : String(used_by)),
  );
  assert.deepEqual(shown.sort(), told().sort());
  assert.equal(shown.length, loadedModules.length);
  for (const { status, address } of rows) {
    assert.deepEqual([status, address], ["Live", "0xffffffffc0a00000"]);
  }
});
