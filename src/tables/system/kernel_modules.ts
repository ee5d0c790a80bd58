import { defineTable } from "../define_table.js";

/** What the kernel shows instead of an address to readers that may not see it. */
const hidden = /^0x0+$/;

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
        address: hidden.test(address) ? null : address,
      };
    }
  },
});
