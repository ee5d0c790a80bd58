import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

// linux/shm.h: flags above the permission bits.
const shmDest = 0o1000;
const shmLocked = 0o2000;

export const sharedMemory = defineTable("shared_memory", {
  *generate(_request, host) {
    for (const line of [...trimmedLines(host, "/proc/sysvipc/shm")].slice(1)) {
      const fields = line.split(/\s+/);
      // key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap
      const at = (index: number) => Number(fields[index] ?? 0);
      const mode = Number.parseInt(fields[2] ?? "0", 8);
      yield {
        shmid: at(1),
        owner_uid: at(7),
        creator_uid: at(9),
        pid: at(5),
        creator_pid: at(4),
        atime: at(11),
        dtime: at(12),
        ctime: at(13),
        permissions: (mode & 0o777).toString(8).padStart(4, "0"),
        size: BigInt(fields[3] ?? 0),
        attached: at(6),
        status: mode & shmDest ? "dest" : "",
        locked: mode & shmLocked ? 1 : 0,
      };
    }
  },
});
