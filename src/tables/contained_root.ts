import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import { decodePath, encodePath } from "./os_string.js";

// Not in fs.constants; open(2), the same on all architectures that Node runs on.
const oPath = 0o10000000;
// As the kernel's MAXSYMLINKS (path_resolution(7)).
const maxLinks = 40;

interface Target {
  readonly path: string;
  /** Whether a symbolic link at the end is followed. */
  readonly follow: boolean;
}

/** A directory out of which no symbolic link leads: the tree of another mount namespace is
 * written by the user who controls it, and its links must not name files of the host. */
export interface ContainedRoot {
  /** Calls `use` with a path that names exactly the file reached; throws errors of open(2). */
  reach<T>(target: Target, use: (reached: string | Buffer) => T): T;
}

function openAt(directory: number, name: string): number {
  const path = encodePath(`/proc/self/fd/${directory}/${name}`);
  return openSync(path, oPath | constants.O_NOFOLLOW);
}

function linkTextAt(directory: number, name: string): string {
  const path = encodePath(`/proc/self/fd/${directory}/${name}`);
  return decodePath(readlinkSync(path, { encoding: "buffer" }));
}

const partsOf = (path: string): string[] => path.split("/").filter((part) => part && part !== ".");

/** One walk from the root; keeps the descriptors of the directories that it stands in. */
class Walk {
  readonly #directories: number[];
  #linksLeft = maxLinks;

  constructor(root: string) {
    this.#directories = [openSync(root, oPath | constants.O_DIRECTORY)];
  }

  get here(): number {
    return this.#directories.at(-1) ?? -1;
  }

  /** Enters all but the last part; returns the last, or "." for the root itself. */
  enter(target: Target): string {
    const pending = partsOf(target.path);
    for (;;) {
      const name = pending.shift();
      if (name === undefined) return ".";
      if (name === "..") {
        this.#leave();
        continue;
      }
      const isLast = pending.length === 0;
      if (isLast && !target.follow) return name;
      const opened = openAt(this.here, name);
      if (fstatSync(opened).isSymbolicLink()) {
        closeSync(opened);
        pending.unshift(...this.#follow(name));
      } else if (isLast) {
        closeSync(opened);
        return name;
      } else {
        this.#directories.push(opened);
      }
    }
  }

  close(): void {
    for (const fd of this.#directories) closeSync(fd);
  }

  #leave(): void {
    if (this.#directories.length === 1) return;
    const left = this.#directories.pop();
    if (left !== undefined) closeSync(left);
  }

  #follow(name: string): string[] {
    if (this.#linksLeft-- === 0) throw Object.assign(new Error("ELOOP"), { syscall: "open" });
    const text = linkTextAt(this.here, name);
    if (text.startsWith("/")) while (this.#directories.length > 1) this.#leave();
    return partsOf(text);
  }
}

export function openContainedRoot(root: string): ContainedRoot {
  return {
    reach(target, use) {
      const walk = new Walk(root);
      try {
        const name = walk.enter(target);
        const parent = `/proc/self/fd/${walk.here}`;
        if (!target.follow) return use(encodePath(`${parent}/${name}`));
        // Opened without following, so that the file that was looked at is the one that is used.
        const opened = openAt(walk.here, name);
        try {
          return use(`/proc/self/fd/${opened}`);
        } finally {
          closeSync(opened);
        }
      } finally {
        walk.close();
      }
    },
  };
}
