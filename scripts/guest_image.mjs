import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** What the tests start. */
const tools = ["dash", "true", "false", "nice", "echo", "uname", "env"];

/** What the daemon and its tests consist of, besides the packages. */
const parts = ["dist", "packs", "schemas", "package.json", "package-lock.json"];

/** The shared libraries of a program or library, as ldd(1) finds them. */
function librariesOf(file) {
  const output = execFileSync("ldd", [file], { encoding: "utf8" });
  return [...output.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
}

/** Where libbpf is: it is loaded with dlopen(3), so ldd(1) does not name it. */
function libbpf() {
  const cache = execFileSync("ldconfig", ["-p"], { encoding: "utf8" });
  const path = /libbpf\.so\.1 .*=> (\S+)/.exec(cache)?.[1];
  if (path === undefined) {
    throw new Error("Cannot find libbpf.so.1. Install libbpf 1.0 or later (Debian: libbpf1).");
  }
  return path;
}

/** A folder that becomes the root of a virtual machine. */
class GuestRoot {
  constructor(folder) {
    this.folder = folder;
    rmSync(folder, { recursive: true, force: true });
    // As Debian has it since 12; elsewhere the paths of libraries begin with /usr anyway.
    for (const name of ["bin", "lib", "lib64"]) {
      mkdirSync(join(folder, "usr", name), { recursive: true });
      symlinkSync(`usr/${name}`, join(folder, name));
    }
    mkdirSync(join(folder, "etc"));
    const users = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
    writeFileSync(join(folder, "etc/passwd"), users);
    writeFileSync(join(folder, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
  }

  /** The programs of this host that tests start, and libbpf. */
  addTools() {
    for (const tool of tools) this.add(join("/usr/bin", tool), join("usr/bin", tool));
    symlinkSync("dash", join(this.folder, "usr/bin/sh"));
    const library = libbpf();
    this.add(library, join(realpathSync(dirname(library)), basename(library)));
    copyFileSync("/etc/ld.so.cache", join(this.folder, "etc/ld.so.cache"));
  }

  /** Node, and what it needs of the checkout, at /auditql. */
  addCheckout(root) {
    this.add(process.execPath, "usr/bin/node");
    const ldconfig = existsSync("/sbin/ldconfig.real") ? "/sbin/ldconfig.real" : "/sbin/ldconfig";
    this.#copy(ldconfig, "usr/bin/ldconfig");
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    const needed = Object.keys(packages).filter((path) => path !== "" && !packages[path].dev);
    for (const path of [...parts, ...needed].filter((each) => existsSync(join(root, each)))) {
      const to = join(this.folder, "auditql", path);
      cpSync(join(root, path), to, { recursive: true, force: false });
    }
  }

  /** A program that runs a test of node:test. */
  addNodeTest(name) {
    // Node's reporter colours what it prints to a terminal.
    const test = `AUDITQL_EMULATED=1 TERM=dumb NO_COLOR=1 exec node --test --test-reporter=spec dist/test/live/${name}.test.js`;
    const file = join(this.folder, "programs", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\ncd /auditql && ${test}\n`, { mode: 0o755 });
  }

  /** Copies a file with the libraries that it needs. */
  add(from, to) {
    this.#copy(from, to);
    for (const library of librariesOf(from)) {
      this.#copy(library, join(realpathSync(dirname(library)), basename(library)));
    }
  }

  #copy(from, to) {
    const target = join(this.folder, to);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(from, target);
  }

  /** Writes all as an archive that the kernel unpacks at its start. */
  pack(file) {
    const names = readdirSync(this.folder, { recursive: true });
    const options = ["--create", "--quiet", "--format=newc", "--owner=0:0"];
    const input = names.join("\n");
    const output = openSync(file, "w");
    const stdio = ["pipe", output, "inherit"];
    execFileSync("cpio", options, { cwd: this.folder, input, stdio });
    closeSync(output);
  }
}

/**
 * Writes an image with `init` as first process, the tests in /programs, and what they start and load.
 * @param programs paths of native tests
 * @param nodeTests names of tests in dist/test/live
 */
export function writeGuestImage({ root, folder, image, init, programs, nodeTests }) {
  const guest = new GuestRoot(folder);
  guest.add(init, "init");
  guest.addTools();
  for (const program of programs) guest.add(program, join("programs", basename(program)));
  if (nodeTests.length > 0) guest.addCheckout(root);
  for (const name of nodeTests) guest.addNodeTest(name);
  guest.pack(image);
}
