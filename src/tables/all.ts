import { acpiTables } from "./acpi_tables.js";
import { apparmorProfiles } from "./apparmor_profiles.js";
import { aptSources } from "./apt_sources.js";
import { arpCache } from "./arp_cache.js";
import { auditqlColumns } from "./auditql_columns.js";
import { auditqlTables } from "./auditql_tables.js";
import { authorizedKeys } from "./authorized_keys.js";
import { blockDevices } from "./block_devices.js";
import { certificates } from "./certificates.js";
import { chromeExtensionContentScripts } from "./chrome_extension_content_scripts.js";
import { chromeExtensions } from "./chrome_extensions.js";
import { cpuTime } from "./cpu_time.js";
import { crontab } from "./crontab.js";
import { debPackageFiles } from "./deb_package_files.js";
import { debPackages } from "./deb_packages.js";
import { defineViews, type StateTable } from "./define_table.js";
import { dnsResolvers } from "./dns_resolvers.js";
import { etcHosts } from "./etc_hosts.js";
import { etcProtocols } from "./etc_protocols.js";
import { etcServices } from "./etc_services.js";
import { file } from "./file.js";
import { firefoxAddons } from "./firefox_addons.js";
import { groups } from "./groups.js";
import { hash } from "./hash.js";
import { interfaceAddresses } from "./interface_addresses.js";
import { interfaceDetails } from "./interface_details.js";
import { interfaceIpv6 } from "./interface_ipv6.js";
import { kernelInfo } from "./kernel_info.js";
import { kernelKeys } from "./kernel_keys.js";
import { kernelModules } from "./kernel_modules.js";
import { knownHosts } from "./known_hosts.js";
import { last } from "./last.js";
import { listeningPorts } from "./listening_ports.js";
import { loadAverage } from "./load_average.js";
import { loggedInUsers } from "./logged_in_users.js";
import { mdPersonalities } from "./md_personalities.js";
import { memoryInfo } from "./memory_info.js";
import { memoryMap } from "./memory_map.js";
import { mounts } from "./mounts.js";
import { npmPackages } from "./npm_packages.js";
import { osVersion } from "./os_version.js";
import { osqueryEvents } from "./osquery_events.js";
import { osqueryExtensions } from "./osquery_extensions.js";
import { osqueryFlags } from "./osquery_flags.js";
import { osqueryInfo } from "./osquery_info.js";
import { osqueryPacks } from "./osquery_packs.js";
import { osqueryRegistry } from "./osquery_registry.js";
import { osquerySchedule } from "./osquery_schedule.js";
import { pciDevices } from "./pci_devices.js";
import { portagePackages } from "./portage_packages.js";
import { processEnvs } from "./process_envs.js";
import { processMemoryMap } from "./process_memory_map.js";
import { processNamespaces } from "./process_namespaces.js";
import { processOpenFiles } from "./process_open_files.js";
import { processOpenPipes } from "./process_open_pipes.js";
import { processOpenSockets } from "./process_open_sockets.js";
import { processes } from "./processes.js";
import { pythonPackages } from "./python_packages.js";
import { routes } from "./routes.js";
import { selinuxSettings } from "./selinux_settings.js";
import { shadow } from "./shadow.js";
import { sharedMemory } from "./shared_memory.js";
import { shellHistory } from "./shell_history.js";
import { sshConfigs } from "./ssh_configs.js";
import { startupItems } from "./startup_items.js";
import { sudoers } from "./sudoers.js";
import { suidBin } from "./suid_bin.js";
import { systemControls } from "./system_controls.js";
import { systemInfo } from "./system_info.js";
import { time } from "./time.js";
import { ulimitInfo } from "./ulimit_info.js";
import { uptime } from "./uptime.js";
import { usbDevices } from "./usb_devices.js";
import { userGroups } from "./user_groups.js";
import { userSshKeys } from "./user_ssh_keys.js";
import { users } from "./users.js";
import { yumSources } from "./yum_sources.js";

/** Every view over event tables. */
export const views = defineViews();

/** Every state table. */
export const stateTables: readonly StateTable[] = [
  acpiTables,
  apparmorProfiles,
  aptSources,
  arpCache,
  auditqlColumns,
  auditqlTables,
  authorizedKeys,
  blockDevices,
  certificates,
  chromeExtensionContentScripts,
  chromeExtensions,
  cpuTime,
  crontab,
  debPackageFiles,
  debPackages,
  dnsResolvers,
  etcHosts,
  etcProtocols,
  etcServices,
  file,
  firefoxAddons,
  groups,
  hash,
  interfaceAddresses,
  interfaceDetails,
  interfaceIpv6,
  kernelInfo,
  kernelKeys,
  kernelModules,
  knownHosts,
  last,
  listeningPorts,
  loadAverage,
  loggedInUsers,
  mdPersonalities,
  memoryInfo,
  memoryMap,
  mounts,
  npmPackages,
  osVersion,
  osqueryEvents,
  osqueryExtensions,
  osqueryFlags,
  osqueryInfo,
  osqueryPacks,
  osqueryRegistry,
  osquerySchedule,
  pciDevices,
  portagePackages,
  processEnvs,
  processMemoryMap,
  processNamespaces,
  processOpenFiles,
  processOpenPipes,
  processOpenSockets,
  processes,
  pythonPackages,
  routes,
  selinuxSettings,
  shadow,
  sharedMemory,
  shellHistory,
  sshConfigs,
  startupItems,
  sudoers,
  suidBin,
  systemControls,
  systemInfo,
  time,
  ulimitInfo,
  uptime,
  usbDevices,
  userGroups,
  userSshKeys,
  users,
  yumSources,
];
