import type { DirectoryEntry, Host } from "../host.js";

// As osquery: levels that a trailing %% descends. Bind mounts nest deeper without end.
const maxDepth = 64;

/** A directory that is to be listed; its path ends with a slash. */
interface Place {
  readonly path: string;
  /** Levels below the directory that the walk began with. */
  readonly depth: number;
}

/**
 * Everything below directories, hidden entries too. Real directories come first, each by its own
 * path; then what only symbolic links lead to, each directory once. So no link takes the place of
 * a real path.
 */
export class DirectoryWalk {
  readonly #host: Host;
  readonly #listed = new Set<string>();
  readonly #links: Place[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** Notes a directory of which the caller lists every entry. */
  noteListed(path: string): void {
    const identity = this.#identity(path);
    if (identity !== null) this.#listed.add(identity);
  }

  /** Paths below an entry of a directory; those below links come from behindLinks(). A directory's
   * path ends with a slash. */
  *below(path: string): Iterable<string> {
    const start = { path, depth: 1 };
    if (this.#host.lstat(path.slice(0, -1))?.isSymbolicLink()) this.#links.push(start);
    else yield* this.#walk(start, false);
  }

  /** Paths below the links that were met. */
  *behindLinks(): Iterable<string> {
    // The walk may append further links.
    for (const place of this.#links) yield* this.#walk(place, true);
  }

  *#walk(start: Place, isBehindLink: boolean): Iterable<string> {
    const waiting = [start];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (!this.#enter(place, isBehindLink)) continue;
      for (const entry of this.#host.entries(place.path)) {
        const kind = this.#kindOf(place.path, entry);
        const path = `${place.path}${entry.name}${kind === "file" ? "" : "/"}`;
        yield path;
        const inner = { path, depth: place.depth + 1 };
        if (kind === "directory") waiting.push(inner);
        if (kind === "link") this.#links.push(inner);
      }
    }
  }

  #enter({ path, depth }: Place, isBehindLink: boolean): boolean {
    const identity = this.#identity(path);
    if (identity === null || (isBehindLink && this.#listed.has(identity))) return false;
    if (depth > maxDepth) {
      this.#host.warn(
        `Paths more than ${maxDepth} levels below the start of a %% are not listed. The first skipped directory is ${path}`,
      );
      return false;
    }
    this.#listed.add(identity);
    return true;
  }

  #identity(path: string): string | null {
    const stat = this.#host.stat(path);
    return stat === null ? null : `${stat.dev}:${stat.ino}`;
  }

  /** `link` is one that leads to a directory; all that is no directory is a `file`. */
  #kindOf(folder: string, { name, kind }: DirectoryEntry): "directory" | "link" | "file" {
    if (kind === "directory" || kind === "file") return kind;
    const path = `${folder}${name}`;
    const isLink = kind === "link" || this.#host.lstat(path)?.isSymbolicLink() === true;
    if (this.#host.stat(path)?.isDirectory() !== true) return "file";
    return isLink ? "link" : "directory";
  }
}
