import type { Host } from "../host.js";
import { attribute } from "./text_lines.js";

/** A member of an array (Documentation/admin-guide/md.rst). */
export interface Member {
  readonly name: string;
  readonly slot: number;
  /** in_sync, spare, faulty, …, joined by commas as the kernel has them. */
  readonly states: readonly string[];
}

export function mdMembers(host: Host, array: string): readonly Member[] {
  const folder = `/sys/block/${array}/md`;
  const names = host.list(folder).filter((name) => name.startsWith("dev-"));
  return names.toSorted().map((name) => {
    const slot = Number(attribute(host, `${folder}/${name}/slot`));
    return {
      name: name.slice("dev-".length),
      slot: Number.isInteger(slot) ? slot : -1,
      states: attribute(host, `${folder}/${name}/state`)?.split(",") ?? [],
    };
  });
}
