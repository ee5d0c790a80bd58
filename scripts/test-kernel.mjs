// Runs live tests on another kernel: in a virtual machine under software emulation (qemu),
// with nothing but the tests in it. Needs neither root nor KVM.
//   node scripts/test-kernel.mjs [--package NAME | --deb FILE | --image FILE] [--refused] [TEST ...]
// --package: of the system's apt sources; default: linux-image-cloud-amd64 (Debian)
// --deb, --image: a kernel package, or a bzImage
// --refused: succeed if each program says that it cannot run on this kernel
// TEST: of test/live/, TEST.cc or TEST.test.ts (then with the whole daemon); default: each ebpf_*_live.cc
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeGuestImage } from "./guest_image.mjs";
import { runPrinting } from "./run_printing.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "build/kernels");
/** A machine that takes longer has hung. */
const maxSeconds = 1800;

const machines = {
  x64: {
    qemu: "qemu-system-x86_64",
    options: ["-cpu", "max,la57=off"],
    console: "ttyS0",
    kernel: "linux-image-cloud-amd64",
    packages: "qemu-system-x86 cpio",
  },
  arm64: {
    qemu: "qemu-system-aarch64",
    options: ["-machine", "virt", "-cpu", "cortex-a57"],
    console: "ttyAMA0",
    kernel: "linux-image-cloud-arm64",
    packages: "qemu-system-arm cpio",
  },
};

/** Without it apt-get warns that its user cannot write into the checkout. */
const asRoot = ["-o", "APT::Sandbox::User=root"];

function requireTools(machine) {
  for (const tool of [machine.qemu, "cpio"]) {
    if (spawnSync(tool, ["--version"], { stdio: "ignore" }).error === undefined) continue;
    throw new Error(`Cannot run ${tool}. Install it (Debian: apt install ${machine.packages}).`);
  }
}

/** Downloads a package; gives its file. */
function download(name) {
  const of = (file) => file.startsWith(`${name}_`) && file.endsWith(".deb");
  for (const old of readdirSync(folder).filter(of)) rmSync(join(folder, old));
  execFileSync("apt-get", ["download", "-qq", ...asRoot, name], { cwd: folder, stdio: "inherit" });
  const file = readdirSync(folder).find(of);
  if (file === undefined) throw new Error(`apt-get download ${name} left no package`);
  return join(folder, file);
}

/** The kernel of a package; undefined where the package has none and only names another. */
function unpack(deb) {
  const target = join(folder, basename(deb, ".deb"));
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar --extract --wildcards "*/vmlinuz*"';
  try {
    execFileSync("sh", ["-c", script, "sh", resolve(deb)], { cwd: target, stdio: "pipe" });
  } catch {
    return undefined;
  }
  const files = readdirSync(target, { recursive: true, withFileTypes: true });
  const found = files.find((file) => file.isFile());
  return found === undefined ? undefined : join(found.parentPath ?? found.path, found.name);
}

function kernelOfPackage(name) {
  const deb = download(name);
  const kernel = unpack(deb);
  if (kernel !== undefined) return kernel;
  const depends = execFileSync("dpkg-deb", ["--field", deb, "Depends"], { encoding: "utf8" });
  const next = /linux-(?:image|binary)-[^\s,]+/.exec(depends)?.[0];
  if (next === undefined) throw new Error(`The package ${name} has no kernel.`);
  return kernelOfPackage(next);
}

function findKernel(options, machine) {
  if (options.image !== undefined) return resolve(options.image);
  if (options.deb === undefined) return kernelOfPackage(options.package ?? machine.kernel);
  const kernel = unpack(options.deb);
  if (kernel === undefined) throw new Error(`${options.deb} has no kernel.`);
  return kernel;
}

/** Compiles the programs, and the first process of the machine. */
function build(names) {
  const made = names.map((name) => join("build/addon/plain/test/live", name));
  const targets = made.map((file) => join("..", file));
  const options = { cwd: root, stdio: "inherit" };
  if (targets.length > 0) execFileSync("make", ["-C", "addon", "-s", ...targets], options);
  const init = join(folder, "guest_init");
  execFileSync("cc", ["-O1", "-o", init, "test/live/programs/guest_init.c"], {
    cwd: root,
    stdio: "inherit",
  });
  return { init, programs: made.map((file) => join(root, file)) };
}

/** The native tests of the backend ebpf. */
function ebpfTests() {
  const files = readdirSync(join(root, "test/live")).sort();
  return files
    .filter((file) => /^ebpf_\w+_live\.cc$/.test(file))
    .map((file) => basename(file, ".cc"));
}

/** Starts the machine; resolves with what it printed. */
async function boot({ machine, kernel, image, names }) {
  const programs = names.map((name) => `/programs/${name}`);
  const line = [`console=${machine.console}`, "quiet", "panic=-1", "mitigations=off", "audit=0"];
  const args = [
    ...["--kill-after=5", String(maxSeconds), machine.qemu, ...machine.options],
    ...["-accel", "tcg,thread=single", "-smp", "2", "-m", "2048", "-nodefaults", "-no-reboot"],
    ...["-display", "none", "-serial", "stdio", "-kernel", kernel, "-initrd", image],
    ...["-append", [...line, "--", ...programs].join(" ")],
  ];
  const { stdout, status } = await runPrinting("timeout", args, { cwd: root });
  if (status !== 0) console.error(`${machine.qemu} ended with status ${status}`);
  return stdout.replaceAll("\r", "");
}

/** What one program printed in the machine: "" where the machine did not come to its end. */
function outputOf(name, output) {
  const pattern = `^guest: begin /programs/${name}\n([^]*?)^guest: end /programs/${name} (\\d+)$`;
  const [, text = "", status] = new RegExp(pattern, "m").exec(output) ?? [];
  return { text, status: status === undefined ? null : Number(status) };
}

/** How many claims passed and failed, as native tests and node:test print it. */
function countsIn(text) {
  const native = /^\d+ passed, \d+ failed$/m.exec(text)?.[0];
  const [, passed] = /^\S+ pass (\d+)$/m.exec(text) ?? [];
  const [, failed] = /^\S+ fail (\d+)$/m.exec(text) ?? [];
  const hasRun = Number(passed ?? 0) + Number(failed ?? 0) > 0;
  return hasRun ? `${passed} passed, ${failed} failed` : native;
}

/** Whether a program did what it should; prints one line, and one for each claim that failed. */
function judge(name, { text, status }, { isRefused }) {
  const skipped = /^skipped: (.+)$/m.exec(text)?.[1];
  const counts = countsIn(text);
  for (const [, claim] of text.matchAll(/^not ok: (.+)$/gm)) console.log(`failed: ${claim}`);
  if (counts !== undefined && skipped !== undefined) console.log(`skipped: ${skipped}`);
  const ended = status === null ? "the machine ended first" : `status ${status}`;
  console.log(`${name}: ${counts ?? (skipped === undefined ? ended : `refused: ${skipped}`)}`);
  if (isRefused) return status === 0 && counts === undefined && skipped !== undefined;
  return status === 0 && counts !== undefined;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    package: { type: "string" },
    deb: { type: "string" },
    image: { type: "string" },
    refused: { type: "boolean", default: false },
  },
});
const machine = machines[process.arch];
if (machine === undefined) throw new Error(`No machine for the architecture ${process.arch}.`);
const names = positionals.length > 0 ? positionals : ebpfTests();
const exists = (name) => existsSync(join(root, "test/live", name));
const nodeTests = names.filter((name) => exists(`${name}.test.ts`));
const native = names.filter((name) => !nodeTests.includes(name));
for (const name of native) {
  if (!exists(`${name}.cc`)) throw new Error(`test/live has no test ${name}.`);
}
requireTools(machine);
mkdirSync(folder, { recursive: true });
const kernel = findKernel(options, machine);
const image = join(folder, "guest.cpio");
writeGuestImage({ root, folder: join(folder, "guest"), image, ...build(native), nodeTests });
const begin = performance.now();
const output = await boot({ machine, kernel, image, names });
const seconds = Math.round((performance.now() - begin) / 1000);
const found = /^guest: (Linux .+)$/m.exec(output)?.[1] ?? `${basename(kernel)} did not boot`;
console.log(`# ${found}: ${seconds} s`);
const isRefused = options.refused;
const results = names.map((name) => judge(name, outputOf(name, output), { isRefused }));
process.exitCode = results.every(Boolean) ? 0 : 1;
