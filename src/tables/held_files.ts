import { closeSync, openSync } from "node:fs";

/** Files whose content the kernel cuts short, or zeroes, by the rights of the process that opened
 * them: CAP_SYSLOG for addresses of modules (kptr_restrict), CAP_SYS_ADMIN for those of memory, the
 * user id for keys (keyrings(7)). They are opened before such rights are dropped. */
const heldPaths = ["/proc/iomem", "/proc/keys", "/proc/modules"] as const;

export interface HeldFiles {
  /** Descriptors by path, in the order in which workers inherit them. */
  readonly descriptors: ReadonlyMap<string, number>;
  close(): void;
}

/** Opens those that the host has and this process may read. */
export function openHeldFiles(): HeldFiles {
  const descriptors = new Map<string, number>();
  for (const path of heldPaths) {
    try {
      descriptors.set(path, openSync(path, "r"));
    } catch (error) {
      // Kernels without modules or keys, and masked files of containers.
      if (!(error instanceof Error && "syscall" in error)) throw error;
    }
  }
  return {
    descriptors,
    close() {
      for (const fd of descriptors.values()) closeSync(fd);
      descriptors.clear();
    },
  };
}
