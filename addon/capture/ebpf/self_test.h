#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "../../decode/kernel_record.h"
#include "../../system/result.h"
#include "loaded_programs.h"
#include "ring_reader.h"

namespace auditql {

/// Whether attached programs report what happens: a child process starts a program and connects to
/// a port of the loopback device that is closed, and then the ring must have its records. A kernel
/// can accept programs that read nothing: for example, with lockdown=confidentiality.
///
/// To be run before exclusions apply, which could be true of the child, and before a RingReader
/// reads the ring.
class SelfTest {
 public:
  /// Where the records of other processes go that come meanwhile.
  SelfTest(const LoadedPrograms& programs, RingReader::OnRecord on_other);

  /// Returns within a few milliseconds, on a busy host within 5 seconds. Errors:
  /// capture_start_failed, with the first record that did not come.
  Status run();

 private:
  static int on_sample(void* self, void* bytes, size_t size);
  void on_record(std::string_view record);
  void on_exec(std::string_view record);
  bool is_of_test(uint32_t pid) const;
  Status wait_for_child(ring_buffer* ring, int* wait_status);
  Status verdict(bool was_refused) const;

  const LoadedPrograms& programs_;
  const RingReader::OnRecord on_other_;
  const char* program_ = nullptr;  ///< path; null where the host has none that can be started
  uint16_t port_ = 0;
  uint32_t child_ = 0, grandchild_ = 0;
  bool has_fork_ = false, has_exec_ = false, has_texts_ = false, has_exit_ = false;
  bool has_connect_ = false;
};

}  // namespace auditql
