import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

export const kernelInfo = defineTable("kernel_info", {
  *generate(_request, host) {
    const words = (host.readText("/proc/cmdline") ?? "").trim().split(/\s+/).filter(Boolean);
    const argument = (key: string) =>
      words.findLast((word) => word.startsWith(key))?.slice(key.length) ?? null;
    yield {
      version: host.readText("/proc/version")?.match(/^\S+ version (\S+)/)?.[1] ?? null,
      path: argument("BOOT_IMAGE="),
      device: argument("root="),
      arguments: words.filter((word) => !/^(BOOT_IMAGE|root)=/.test(word)).join(" "),
    };
  },
});

/** What the kernel shows instead of an address to readers that may not see it. */
const hiddenAddress = /^0x0+$/;

export const kernelModules = defineTable("kernel_modules", {
  *generate(_request, host) {
    for (const line of host.readText("/proc/modules")?.split("\n") ?? []) {
      // name, size, instances, users with a comma after each, state, address (proc(5)).
      const [name, size, , usedBy, status, address] = line.split(" ");
      if (name === undefined || usedBy === undefined || address === undefined) continue;
      yield {
        name,
        size: Number(size),
        used_by: usedBy.replace(/,$/, ""),
        status: status ?? null,
        address: hiddenAddress.test(address) ? null : address,
      };
    }
  },
});

// keyrings(7): the description is the rest of the line.
const keyLine = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/;

export const kernelKeys = defineTable("kernel_keys", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/proc/keys")) {
      const fields = line.match(keyLine);
      if (fields === null) continue;
      const [, serial = "", flags = "", usage, timeout = "", permissions = ""] = fields;
      const [uid, gid, type = "", description = ""] = fields.slice(6);
      yield {
        serial_number: serial,
        flags,
        usage: Number(usage),
        timeout,
        permissions,
        uid: Number(uid),
        gid: Number(gid),
        type,
        description,
      };
    }
  },
});
