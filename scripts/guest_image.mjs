import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** What the claims start. */
const tools = ["dash", "sh", "true", "false", "nice", "echo", "uname", "env"];

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
    writeFileSync(join(folder, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
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
    const archive = execFileSync("cpio", options, { cwd: this.folder, input, maxBuffer: 1 << 30 });
    writeFileSync(file, archive);
  }
}

/**
 * Writes an image with `init` as first process, the programs, and what they start and load.
 * @param programs paths of programs, which are in /programs there
 */
export function writeGuestImage({ folder, image, init, programs }) {
  const guest = new GuestRoot(folder);
  guest.add(init, "init");
  for (const program of programs) guest.add(program, join("programs", basename(program)));
  for (const tool of tools) guest.add(join("/usr/bin", tool), join("usr/bin", tool));
  // The claims compare the path of the shell.
  rmSync(join(folder, "usr/bin/sh"));
  symlinkSync("dash", join(folder, "usr/bin/sh"));
  const library = libbpf();
  guest.add(library, join(realpathSync(dirname(library)), basename(library)));
  guest.pack(image);
}
