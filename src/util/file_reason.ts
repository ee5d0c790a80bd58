import { errnoOf, messageOf } from "../errors.js";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "a path component is not a directory",
  EEXIST: "a file with this name already exists",
  EISDIR: "it is a directory",
  EACCES: "permission denied; run as a user with access",
  EPERM: "permission denied; run as a user with access",
  ELOOP: "it is a symbolic link",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is exceeded",
  EROFS: "the file system is read-only",
};

/** Why a file cannot be read or written, without its path and the name of the system call. */
export function fileReason(cause: unknown): string {
  return reasons[errnoOf(cause)] ?? messageOf(cause);
}
