import type { StateTable } from "../define_table.js";
import { arpCache } from "./arp_cache.js";
import { dnsResolvers } from "./dns_resolvers.js";
import { etcHosts } from "./etc_hosts.js";
import { etcProtocols } from "./etc_protocols.js";
import { etcServices } from "./etc_services.js";
import { interfaceAddresses } from "./interface_addresses.js";
import { interfaceDetails } from "./interface_details.js";
import { interfaceIpv6 } from "./interface_ipv6.js";
import { iptables } from "./iptables.js";
import { knownHosts } from "./known_hosts.js";
import { listeningPorts } from "./listening_ports.js";
import { processOpenSockets } from "./process_open_sockets.js";
import { routes } from "./routes.js";
import { sshConfigs } from "./ssh_configs.js";

/** Every table of the network. */
export const networkTables: readonly StateTable[] = [
  arpCache,
  dnsResolvers,
  etcHosts,
  etcProtocols,
  etcServices,
  interfaceAddresses,
  interfaceDetails,
  interfaceIpv6,
  iptables,
  knownHosts,
  listeningPorts,
  processOpenSockets,
  routes,
  sshConfigs,
];
