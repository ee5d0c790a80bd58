import type { Host } from "../host.js";

/** What udev found out about a block device `major:minor`. */
export function udevProperties(host: Host, device: string): ReadonlyMap<string, string> {
  const text = host.readText(`/run/udev/data/b${device}`) ?? "";
  const entries = text.matchAll(/^E:([^=\n]+)=(.*)$/gm);
  return new Map([...entries].map(([, key = "", value = ""]) => [key, value]));
}
