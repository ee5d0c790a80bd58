#include "frame_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace auditql {

namespace {
constexpr int kPollMs = 20;
// How long the closing frames of an interrupted query wait for a reader that takes nothing.
constexpr int kClosingPolls = 100;

void put_u32(char* out, uint32_t value) {
  for (int i = 0; i < 4; i++) out[i] = static_cast<char>(value >> (8 * i) & 0xFF);
}
}  // namespace

FrameWriter::FrameWriter(int fd, uint32_t generation, std::function<bool()> interrupted)
    : fd_(fd),
      flags_(::fcntl(fd, F_GETFL)),
      generation_(generation),
      interrupted_(std::move(interrupted)),
      frame_(kHeaderBytes) {
  frame_.reserve(kFrameBytes + kHeaderBytes);
  // A blocked write(2) would not see that the query was cancelled.
  if (flags_ >= 0) ::fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
}

FrameWriter::~FrameWriter() {
  if (flags_ >= 0) ::fcntl(fd_, F_SETFL, flags_);
}

bool FrameWriter::write(std::string_view bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const size_t part = std::min(bytes.size(), kFrameBytes - frame_.size());
    frame_.insert(frame_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(part));
    bytes.remove_prefix(part);
    if (frame_.size() == kFrameBytes && !send_frame()) return false;
  }
  return true;
}

bool FrameWriter::finish() {
  closing_ = true;
  if (error_number_ != 0) return false;
  if (frame_.size() > kHeaderBytes) {
    // The closing frame goes along with the last one.
    const size_t end = frame_.size();
    put_header(0, end - kHeaderBytes);
    frame_.resize(end + kHeaderBytes);
    put_header(end, 0);
  } else {
    put_header(0, 0);
  }
  return send();
}

void FrameWriter::put_header(size_t at, size_t payload_bytes) {
  put_u32(frame_.data() + at, static_cast<uint32_t>(payload_bytes));
  put_u32(frame_.data() + at + 4, generation_);
}

bool FrameWriter::send_frame() {
  put_header(0, frame_.size() - kHeaderBytes);
  return send();
}

/// Goes on where an interrupted send stopped, so that frames stay whole.
bool FrameWriter::send() {
  while (sent_ < frame_.size()) {
    const ssize_t written = ::write(fd_, frame_.data() + sent_, frame_.size() - sent_);
    if (written > 0) {
      sent_ += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      if (!wait_for_reader()) return false;
    } else if (errno != EINTR) {
      error_number_ = errno;
      return false;
    }
  }
  frame_.resize(kHeaderBytes);
  sent_ = 0;
  return true;
}

bool FrameWriter::wait_for_reader() {
  int late_polls = 0;
  while (true) {
    pollfd waiting{fd_, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, kPollMs);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) {
      error_number_ = errno;
      return false;
    }
    // The closing frame is worth a short wait even then: without it the reader cannot go on.
    if (interrupted_() && (!closing_ || ++late_polls >= kClosingPolls)) return false;
  }
}

}  // namespace auditql
