import { type FSWatcher, realpathSync, statSync, watch } from "node:fs";
import { dirname } from "node:path";

/**
 * Tells once that something happened in one of several folders (inotify(7)), and nothing more until
 * it is armed again: a process that writes there without a pause costs one notice for each arming.
 */
export class FolderWatch {
  readonly #onChange: () => void;
  readonly #watchers: FSWatcher[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watches the folders that these paths are in, and those that they are; false where one cannot be
   * watched. */
  arm(paths: Iterable<string>): boolean {
    this.close();
    let isWhole = true;
    for (const folder of foldersOf(paths)) {
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#tell());
        watcher.on("error", () => this.#tell());
        this.#watchers.push(watcher);
      } catch {
        // Gone, closed to us, or as many watches as the user may have.
        isWhole = false;
      }
    }
    return isWhole;
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  #tell(): void {
    // The events behind this one are then of a watch that is gone, and cost nothing.
    if (this.#watchers.length === 0) return;
    this.close();
    this.#onChange();
  }
}

function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    folders.add(dirname(path));
    try {
      // A link, or a link to a folder above, may lead elsewhere.
      const real = realpathSync(path);
      folders.add(dirname(real));
      if (statSync(real).isDirectory()) folders.add(real);
    } catch {
      // Where it does not exist its folder tells when it does.
    }
  }
  return folders;
}
