import type { StateTable } from "../define_table.js";
import { arpCache } from "./arp_cache.js";
import { dnsResolvers } from "./dns_resolvers.js";
import { etcHosts, etcProtocols, etcServices } from "./etc_files.js";
import { interfaceAddresses, interfaceDetails, interfaceIpv6 } from "./interfaces.js";
import { iptables } from "./iptables.js";
import { listeningPorts } from "./listening_ports.js";
import { processOpenSockets } from "./process_open_sockets.js";
import { routes } from "./routes.js";
import { knownHosts, sshConfigs } from "./ssh.js";

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
