import type { BigIntStats } from "node:fs";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";
import { type RequestedFile, requestedFiles } from "../sources/requested_files.js";

const permissions = 0o7777n;
const nanosecondsPerSecond = 1_000_000_000n;

function fileType(stat: BigIntStats): string {
  if (stat.isFile()) return "regular";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isBlockDevice()) return "block";
  if (stat.isCharacterDevice()) return "character";
  if (stat.isFIFO()) return "fifo";
  return stat.isSocket() ? "socket" : "unknown";
}

/** As boost's filename(): a path that ends with a slash names the directory itself. */
const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1) || ".";

/** Seconds; libuv tells 0 or less where the file system knows no time of creation. */
const seconds = (nanoseconds: bigint): bigint => nanoseconds / nanosecondsPerSecond;

function fileRow(host: Host, { path, directory }: RequestedFile): TableRows["file"] | null {
  // With a slash at the end lstat(2) would follow a link to a directory, as osquery's does.
  const link = host.lstat(path);
  if (link === null) return null;
  const isLink = link.isSymbolicLink();
  const target = isLink ? host.stat(path) : link;
  // Of a link that leads nowhere, the link itself is described.
  const stat = target ?? link;
  return {
    path: shownPath(path),
    directory: shownPath(directory),
    filename: shownPath(fileName(path)),
    inode: stat.ino,
    uid: stat.uid,
    gid: stat.gid,
    mode: (stat.mode & permissions).toString(8).padStart(4, "0"),
    device: stat.rdev,
    size: stat.size,
    block_size: stat.blksize,
    atime: seconds(stat.atimeNs),
    mtime: seconds(stat.mtimeNs),
    ctime: seconds(stat.ctimeNs),
    btime: seconds(stat.birthtimeNs),
    hard_links: stat.nlink,
    symlink: isLink ? 1 : 0,
    type: target === null ? "unknown" : fileType(stat),
    symlink_target_path: isLink ? shownPath(host.readLink(path) ?? "") : null,
  };
}

export const file = defineTable("file", {
  *generate(request, host) {
    for (const scope of mountScopes(request, host)) {
      for (const requested of requestedFiles(request, scope.host)) {
        const row = fileRow(scope.host, requested);
        if (row !== null) yield { ...row, ...scope.namespaceColumns };
      }
    }
  },
});
