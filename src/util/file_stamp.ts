import { statSync } from "node:fs";

/** What files looked like, by path. */
export type FileStamps = ReadonlyMap<string, string>;

/** Looks at files and folders without opening them (stat(2)). */
export function stampsOf(paths: Iterable<string>): FileStamps {
  return new Map([...paths].map((path) => [path, stampOf(path)]));
}

/** Another one after every write, rename or change of rights; empty for no file. */
export function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join();
  } catch {
    // One that cannot be reached is as good as one that is not there.
    return "";
  }
}

export function areSame(one: FileStamps, other: FileStamps): boolean {
  return one.size === other.size && [...one].every(([path, stamp]) => other.get(path) === stamp);
}
