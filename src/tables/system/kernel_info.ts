import { defineTable } from "../define_table.js";

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
