#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auditql {

/// Identities as other products compute them, so that their logs and ours can be joined.

/// Of the host; read once.
struct HostIds {
  std::string boot_id;               ///< /proc/sys/kernel/random/boot_id
  std::string machine_id;            ///< /etc/machine-id, 32 hex digits
  uint64_t pid_namespace_inode = 0;  ///< of /proc/self/ns/pid
};

/// Elastic's session view `process.entity_id`: base64 of `inode__bootid__pid__seconds`
/// (calculateEntityIDv1() in beats, x-pack/auditbeat/processors/sessionmd/processdb/db.go).
std::string elastic_entity_id(const HostIds& host, int32_t pid, uint64_t start_time_ns);

/// Elastic's quark `entity_id`: base64 of the pid (u32) and the wall-clock start in ns (u64), both
/// little-endian (process_entity_id() in quark.c).
std::string quark_entity_id(int32_t pid, uint64_t start_time_ns);

/// Sysmon for Linux's ProcessGuid: the first 8 digits of the machine id, the start in seconds since
/// 1970 and mm->end_code of the image, laid over a GUID in memory (GenerateUniqueId() in
/// SysmonCommon's eventsCommon.cpp, GetProcessInfo() in SysmonForLinux's linuxHelpers.cpp).
/// Empty where machine id or end_code is not known.
std::string sysmon_process_guid(const HostIds& host, uint64_t start_time_ns, uint64_t end_code);

}  // namespace auditql
