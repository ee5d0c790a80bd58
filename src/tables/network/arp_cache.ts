import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

// ATF_COM | ATF_PERM of linux/if_arp.h.
const permanentFlag = "0x6";

export const arpCache = defineTable("arp_cache", {
  *generate(_request, host) {
    for (const line of [...trimmedLines(host, "/proc/net/arp")].slice(1)) {
      const [address, , flags, mac, , device] = line.split(/\s+/);
      if (address === undefined || mac === undefined || device === undefined) continue;
      yield { address, mac, interface: device, permanent: flags === permanentFlag ? "1" : "0" };
    }
  },
});
