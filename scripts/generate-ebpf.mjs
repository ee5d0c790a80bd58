// Compiles the eBPF programs of addon/capture/ebpf/programs/ for each architecture and writes them
// to addon/capture/ebpf/generated/, with the checksum of what they were made of.
//   node scripts/generate-ebpf.mjs            compiles and writes
//   node scripts/generate-ebpf.mjs --check    compares: the objects too where the same clang is
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const addon = join(import.meta.dirname, "..", "addon");
const programs = join(addon, "capture/ebpf/programs");
const generated = join(addon, "capture/ebpf/generated");
const manifest = join(generated, "manifest.json");
const architectures = { x86_64: "x86", aarch64: "arm64" };

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function sourcesChecksum() {
  const files = [
    ...readdirSync(programs).map((name) => join("capture/ebpf/programs", name)),
    "capture/ebpf/program_settings.h",
    "decode/kernel_record.h",
  ].sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(addon, file)));
  return hash.digest("hex");
}

function compilerVersion() {
  try {
    return execFileSync("clang", ["--version"], { encoding: "utf8" }).split("\n")[0];
  } catch {
    return undefined;
  }
}

/** The stripped object: libbpf reads .BTF and .BTF.ext, which `-g` of llvm-strip leaves in. */
function compile(target, folder) {
  const object = join(folder, `${target}.o`);
  // Paths in the object are relative to addon/, so that it is the same wherever it is made.
  const flags = ["-g", "-O2", "-mcpu=v3", "-target", "bpf", "-ffreestanding", "-Wall", "-Werror"];
  const includes = [`-D__TARGET_ARCH_${target}`];
  const paths = ["-fdebug-compilation-dir=.", "-c", "capture/ebpf/programs/auditql.bpf.c"];
  execFileSync("clang", [...flags, ...includes, ...paths, "-o", object], { cwd: addon });
  execFileSync("llvm-strip", ["-g", object]);
  return readFileSync(object);
}

function compileAll() {
  const folder = mkdtempSync(join(tmpdir(), "auditql-ebpf-"));
  try {
    return Object.fromEntries(
      Object.entries(architectures).map(([name, target]) => [name, compile(target, folder)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function write() {
  const objects = compileAll();
  mkdirSync(generated, { recursive: true });
  const checksums = {};
  for (const [name, bytes] of Object.entries(objects)) {
    writeFileSync(join(generated, `${name}.bpf`), bytes);
    checksums[name] = sha256(bytes);
  }
  const content = { compiler: compilerVersion(), sources: sourcesChecksum(), objects: checksums };
  writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
}

function problems() {
  const expected = JSON.parse(readFileSync(manifest, "utf8"));
  const found = [];
  if (sourcesChecksum() !== expected.sources) found.push("the sources have changed");
  for (const [name, checksum] of Object.entries(expected.objects)) {
    const bytes = readFileSync(join(generated, `${name}.bpf`));
    if (sha256(bytes) !== checksum) found.push(`${name}.bpf is not what the manifest says`);
  }
  if (found.length > 0 || compilerVersion() !== expected.compiler) return found;
  for (const [name, bytes] of Object.entries(compileAll())) {
    if (sha256(bytes) !== expected.objects[name]) found.push(`${name}.bpf is compiled otherwise`);
  }
  return found;
}

if (process.argv.includes("--check")) {
  const found = problems();
  for (const each of found) console.error(`addon/capture/ebpf/generated: ${each}`);
  if (found.length > 0) console.error("Run node scripts/generate-ebpf.mjs.");
  process.exitCode = found.length > 0 ? 1 : 0;
} else {
  write();
}
