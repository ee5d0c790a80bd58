import { acpiTables } from "./acpi_tables.js";
import { apparmorProfiles } from "./apparmor_profiles.js";
import { aptSources } from "./apt_sources.js";
import { arpCache } from "./arp_cache.js";
import { auditqlCapture } from "./auditql_capture.js";
import { auditqlColumns } from "./auditql_columns.js";
import { auditqlTables } from "./auditql_tables.js";
import { augeas } from "./augeas.js";
import { authorizedKeys } from "./authorized_keys.js";
import { azureInstanceMetadata } from "./azure_instance_metadata.js";
import { azureInstanceTags } from "./azure_instance_tags.js";
import { blockDevices } from "./block_devices.js";
import { carbonBlackInfo } from "./carbon_black_info.js";
import { carves } from "./carves.js";
import { certificates } from "./certificates.js";
import { chromeExtensionContentScripts } from "./chrome_extension_content_scripts.js";
import { chromeExtensions } from "./chrome_extensions.js";
import { containerTables } from "./container_tables.js";
import { cpuInfo } from "./cpu_info.js";
import { cpuTime } from "./cpu_time.js";
import { cpuid } from "./cpuid.js";
import { crontab } from "./crontab.js";
import { curl } from "./curl.js";
import { curlCertificate } from "./curl_certificate.js";
import { debPackageFiles } from "./deb_package_files.js";
import { debPackages } from "./deb_packages.js";
import { defineViews, type StateTable } from "./define_table.js";
import { deviceFile } from "./device_file.js";
import { deviceHash } from "./device_hash.js";
import { devicePartitions } from "./device_partitions.js";
import { diskEncryption } from "./disk_encryption.js";
import { dnsResolvers } from "./dns_resolvers.js";
import { ec2InstanceMetadata } from "./ec2_instance_metadata.js";
import { ec2InstanceTags } from "./ec2_instance_tags.js";
import { etcHosts } from "./etc_hosts.js";
import { etcProtocols } from "./etc_protocols.js";
import { etcServices } from "./etc_services.js";
import { extendedAttributes } from "./extended_attributes.js";
import { file } from "./file.js";
import { firefoxAddons } from "./firefox_addons.js";
import { groups } from "./groups.js";
import { hash } from "./hash.js";
import { intelMeInfo } from "./intel_me_info.js";
import { interfaceAddresses } from "./interface_addresses.js";
import { interfaceDetails } from "./interface_details.js";
import { interfaceIpv6 } from "./interface_ipv6.js";
import { iptables } from "./iptables.js";
import { jetbrainsPlugins } from "./jetbrains_plugins.js";
import { kernelInfo } from "./kernel_info.js";
import { kernelKeys } from "./kernel_keys.js";
import { kernelModules } from "./kernel_modules.js";
import { knownHosts } from "./known_hosts.js";
import { last } from "./last.js";
import { listeningPorts } from "./listening_ports.js";
import { loadAverage } from "./load_average.js";
import { loggedInUsers } from "./logged_in_users.js";
import { magic } from "./magic.js";
import { mdDevices } from "./md_devices.js";
import { mdDrives } from "./md_drives.js";
import { mdPersonalities } from "./md_personalities.js";
import { memoryArrayMappedAddresses } from "./memory_array_mapped_addresses.js";
import { memoryArrays } from "./memory_arrays.js";
import { memoryDeviceMappedAddresses } from "./memory_device_mapped_addresses.js";
import { memoryDevices } from "./memory_devices.js";
import { memoryErrorInfo } from "./memory_error_info.js";
import { memoryInfo } from "./memory_info.js";
import { memoryMap } from "./memory_map.js";
import { mounts } from "./mounts.js";
import { msr } from "./msr.js";
import { npmPackages } from "./npm_packages.js";
import { oemStrings } from "./oem_strings.js";
import { operaExtensions } from "./opera_extensions.js";
import { osVersion } from "./os_version.js";
import { osqueryEvents } from "./osquery_events.js";
import { osqueryExtensions } from "./osquery_extensions.js";
import { osqueryFlags } from "./osquery_flags.js";
import { osqueryInfo } from "./osquery_info.js";
import { osqueryPacks } from "./osquery_packs.js";
import { osqueryRegistry } from "./osquery_registry.js";
import { osquerySchedule } from "./osquery_schedule.js";
import { pciDevices } from "./pci_devices.js";
import { platformInfo } from "./platform_info.js";
import { portageKeywords } from "./portage_keywords.js";
import { portagePackages } from "./portage_packages.js";
import { portageUse } from "./portage_use.js";
import { processEnvs } from "./process_envs.js";
import { processMemoryMap } from "./process_memory_map.js";
import { processNamespaces } from "./process_namespaces.js";
import { processOpenFiles } from "./process_open_files.js";
import { processOpenPipes } from "./process_open_pipes.js";
import { processOpenSockets } from "./process_open_sockets.js";
import { processTree } from "./process_tree.js";
import { processes } from "./processes.js";
import { prometheusMetrics } from "./prometheus_metrics.js";
import { pythonPackages } from "./python_packages.js";
import { removedTables } from "./removed_tables.js";
import { routes } from "./routes.js";
import { rpmPackageFiles } from "./rpm_package_files.js";
import { rpmPackages } from "./rpm_packages.js";
import { secureboot } from "./secureboot.js";
import { securebootCertificates } from "./secureboot_certificates.js";
import { selinuxSettings } from "./selinux_settings.js";
import { shadow } from "./shadow.js";
import { sharedMemory } from "./shared_memory.js";
import { shellHistory } from "./shell_history.js";
import { smbiosTables } from "./smbios_tables.js";
import { sshConfigs } from "./ssh_configs.js";
import { startupItems } from "./startup_items.js";
import { sudoers } from "./sudoers.js";
import { suidBin } from "./suid_bin.js";
import { systemControls } from "./system_controls.js";
import { systemInfo } from "./system_info.js";
import { systemdUnits } from "./systemd_units.js";
import { time } from "./time.js";
import { ulimitInfo } from "./ulimit_info.js";
import { uptime } from "./uptime.js";
import { usbDevices } from "./usb_devices.js";
import { userGroups } from "./user_groups.js";
import { userSshKeys } from "./user_ssh_keys.js";
import { users } from "./users.js";
import { vscodeExtensions } from "./vscode_extensions.js";
import { yaraFile } from "./yara_file.js";
import { yaraProcess } from "./yara_process.js";
import { ycloudInstanceMetadata } from "./ycloud_instance_metadata.js";
import { yumSources } from "./yum_sources.js";

/** Every view over event tables. */
export const views = defineViews();

/** Every state table. */
export const stateTables: readonly StateTable[] = [
  ...containerTables,
  acpiTables,
  apparmorProfiles,
  aptSources,
  arpCache,
  auditqlCapture,
  auditqlColumns,
  auditqlTables,
  augeas,
  authorizedKeys,
  azureInstanceMetadata,
  azureInstanceTags,
  blockDevices,
  carbonBlackInfo,
  carves,
  certificates,
  chromeExtensionContentScripts,
  chromeExtensions,
  cpuInfo,
  cpuTime,
  cpuid,
  crontab,
  curl,
  curlCertificate,
  debPackageFiles,
  debPackages,
  deviceFile,
  deviceHash,
  devicePartitions,
  diskEncryption,
  dnsResolvers,
  ec2InstanceMetadata,
  ec2InstanceTags,
  etcHosts,
  etcProtocols,
  etcServices,
  extendedAttributes,
  file,
  firefoxAddons,
  groups,
  hash,
  intelMeInfo,
  interfaceAddresses,
  interfaceDetails,
  interfaceIpv6,
  iptables,
  jetbrainsPlugins,
  kernelInfo,
  kernelKeys,
  kernelModules,
  knownHosts,
  last,
  listeningPorts,
  loadAverage,
  loggedInUsers,
  magic,
  mdDevices,
  mdDrives,
  mdPersonalities,
  memoryArrayMappedAddresses,
  memoryArrays,
  memoryDeviceMappedAddresses,
  memoryDevices,
  memoryErrorInfo,
  memoryInfo,
  memoryMap,
  mounts,
  msr,
  npmPackages,
  oemStrings,
  operaExtensions,
  osVersion,
  osqueryEvents,
  osqueryExtensions,
  osqueryFlags,
  osqueryInfo,
  osqueryPacks,
  osqueryRegistry,
  osquerySchedule,
  pciDevices,
  platformInfo,
  portageKeywords,
  portagePackages,
  portageUse,
  processEnvs,
  processMemoryMap,
  processNamespaces,
  processOpenFiles,
  processOpenPipes,
  processOpenSockets,
  processTree,
  processes,
  prometheusMetrics,
  pythonPackages,
  ...removedTables,
  routes,
  rpmPackageFiles,
  rpmPackages,
  secureboot,
  securebootCertificates,
  selinuxSettings,
  shadow,
  sharedMemory,
  shellHistory,
  smbiosTables,
  sshConfigs,
  startupItems,
  sudoers,
  suidBin,
  systemControls,
  systemInfo,
  systemdUnits,
  time,
  ulimitInfo,
  uptime,
  usbDevices,
  userGroups,
  userSshKeys,
  users,
  vscodeExtensions,
  yaraFile,
  yaraProcess,
  ycloudInstanceMetadata,
  yumSources,
];
