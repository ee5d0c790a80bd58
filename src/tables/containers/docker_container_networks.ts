import { defineTable } from "../define_table.js";
import { dockerContainers } from "../sources/docker_api.js";
import { entriesOf, integerAt, memberOf, textAt } from "../sources/json_file.js";

export const dockerContainerNetworks = defineTable("docker_container_networks", {
  *generate(request, host) {
    for (const { id, value } of dockerContainers(request, host)) {
      for (const [name, network] of entriesOf(memberOf(value, "NetworkSettings", "Networks"))) {
        yield {
          id,
          name,
          network_id: textAt(network, "NetworkID"),
          endpoint_id: textAt(network, "EndpointID"),
          gateway: textAt(network, "Gateway"),
          ip_address: textAt(network, "IPAddress"),
          ip_prefix_len: integerAt(network, "IPPrefixLen"),
          ipv6_gateway: textAt(network, "IPv6Gateway"),
          ipv6_address: textAt(network, "GlobalIPv6Address"),
          ipv6_prefix_len: integerAt(network, "GlobalIPv6PrefixLen"),
          mac_address: textAt(network, "MacAddress"),
        };
      }
    }
  },
});
