import { spawnSync } from "node:child_process";

/** The library that the dynamic linker would load; null where there is none. */
export function libbpfPath(): string | null {
  const { stdout } = spawnSync("ldconfig", ["-p"], { encoding: "utf8" });
  return /libbpf\.so\.1 .*=> (\S+)$/m.exec(stdout ?? "")?.[1] ?? null;
}
