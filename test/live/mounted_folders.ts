import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** File systems that are mounted for a test, in a folder that is removed after it. */
export class MountedFolders {
  readonly #home: string;
  #mounted: string[] = [];

  constructor(home: string) {
    this.#home = home;
  }

  /** An overlay whose upper layer is on a file system of its own; gives where its lower one lies. */
  overlay(name: string): { readonly path: string; readonly lower: string } {
    const [path, lower, upper] = [name, `${name}-lower`, `${name}-upper`].map((each) =>
      this.#folder(each),
    ) as [string, string, string];
    this.#mount(["-t", "tmpfs", "none", upper], upper);
    for (const each of ["files", "work"]) mkdirSync(join(upper, each));
    const layers = `lowerdir=${lower},upperdir=${join(upper, "files")},workdir=${join(upper, "work")}`;
    this.#mount(["-t", "overlay", "none", "-o", layers, path], path);
    return { path, lower };
  }

  /** A fresh Btrfs; null where the host cannot make one. */
  btrfs(name: string): string | null {
    const image = join(this.#home, `${name}.image`);
    writeFileSync(image, "");
    try {
      execFileSync("truncate", ["-s", "128M", image]);
      execFileSync("mkfs.btrfs", ["-q", image], { stdio: "ignore" });
      const path = this.#folder(name);
      this.#mount(["-o", "loop", image, path], path);
      return path;
    } catch {
      return null;
    }
  }

  unmount(): void {
    for (const path of this.#mounted.reverse()) execFileSync("umount", ["-l", path]);
    this.#mounted = [];
  }

  #folder(name: string): string {
    const path = join(this.#home, name);
    mkdirSync(path);
    return path;
  }

  #mount(args: readonly string[], path: string): void {
    execFileSync("mount", args, { stdio: "pipe" });
    this.#mounted.push(path);
  }
}
