#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace auditql {

/// Writes result bytes in frames of at most 64 KiB: `u32 length, u32 generation` (little-endian),
/// then the bytes. A frame of length 0 ends the result.
class FrameWriter {
 public:
  static constexpr size_t kFrameBytes = 64 * 1024;
  static constexpr size_t kHeaderBytes = 8;

  /// `interrupted` is asked while the reader keeps the writer waiting. The descriptor is made
  /// non-blocking for the writer's life.
  FrameWriter(int fd, uint32_t generation, std::function<bool()> interrupted);
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  /// False when the reader is gone or the query was interrupted while it waited for the reader.
  bool write(std::string_view bytes);
  /// Sends what is buffered and the closing frame, whatever happened before.
  bool finish();

  uint64_t bytes() const { return bytes_; }
  /// errno of the write that failed; 0 when none did.
  int error_number() const { return error_number_; }

 private:
  void put_header(size_t at, size_t payload_bytes);
  bool send_frame();
  bool send();
  bool wait_for_reader();

  int fd_;
  int flags_;
  uint32_t generation_;
  std::function<bool()> interrupted_;
  std::vector<char> frame_;
  size_t sent_ = 0;  ///< of the frame, when the reader kept the writer waiting
  uint64_t bytes_ = 0;
  int error_number_ = 0;
  bool closing_ = false;
};

}  // namespace auditql
