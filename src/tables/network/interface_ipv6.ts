import { defineTable } from "../define_table.js";
import { numericAttribute } from "../sources/text_lines.js";

const folder = "/proc/sys/net/ipv6/conf";

export const interfaceIpv6 = defineTable("interface_ipv6", {
  *generate(_request, host) {
    for (const name of host.list(folder)) {
      // Not interfaces but their defaults.
      if (name === "all" || name === "default") continue;
      const setting = (file: string) => numericAttribute(host, `${folder}/${name}/${file}`);
      yield {
        interface: name,
        hop_limit: setting("hop_limit"),
        forwarding_enabled: setting("forwarding"),
        redirect_accept: setting("accept_redirects"),
        rtadv_accept: setting("accept_ra"),
      };
    }
  },
});
