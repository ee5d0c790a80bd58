import { defineTable } from "../define_table.js";

export const memoryInfo = defineTable("memory_info", {
  *generate(_request, host) {
    const text = host.readText("/proc/meminfo") ?? "";
    const bytes = (key: string) => {
      const kibibytes = text.match(new RegExp(`^${key}: +(\\d+)`, "m"))?.[1];
      return kibibytes === undefined ? null : Number(kibibytes) * 1024;
    };
    yield {
      memory_total: bytes("MemTotal"),
      memory_free: bytes("MemFree"),
      memory_available: bytes("MemAvailable"),
      buffers: bytes("Buffers"),
      cached: bytes("Cached"),
      swap_cached: bytes("SwapCached"),
      active: bytes("Active"),
      inactive: bytes("Inactive"),
      swap_total: bytes("SwapTotal"),
      swap_free: bytes("SwapFree"),
    };
  },
});
