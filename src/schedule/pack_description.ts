import type { Pack } from "../config/config.js";
import { isMeantForThisHost } from "./audience.js";
import type { DiscoveryFigures, PackDiscovery } from "./pack_discovery.js";

/** One pack of the configuration, as osquery_packs shows it. */
export interface DescribedPack extends DiscoveryFigures {
  readonly name: string;
  readonly platform: string | null;
  readonly version: string | null;
  readonly shard: number;
}

/** Describes a pack; one that is not meant for this host is not active, whatever it discovers. */
export function describePack(
  pack: Pack,
  discovery: PackDiscovery,
  hostname: string,
): DescribedPack {
  const { name, platform, version, shard } = pack;
  const figures = discovery.figures(pack);
  const active = isMeantForThisHost(pack, hostname) ? figures.active : false;
  return { name, platform, version, shard, ...figures, active };
}
