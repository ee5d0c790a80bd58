#pragma once

#include <array>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "../health/health_region.h"
#include "../identity/container_id.h"
#include "../store/row.h"
#include "../system/unique_fd.h"
#include "executed_file.h"
#include "recent_keys.h"

namespace auditql {

/// An executed file that nothing is known about yet.
struct ExecutableRequest {
  UuidBytes id{};
  std::string path;
  FileState file;
  uint64_t time_ns = 0;
  bool by_process = false;
  UniqueFd held;  ///< O_PATH; closed when the file was gone before it could be held
};

/// A container that nothing is known about yet.
struct ContainerRequest {
  ContainerOrigin origin;
  uint64_t time_ns = 0;
};

/// Questions about events that the control plane answers in its own time. The decoding thread asks
/// and never waits: what finds no room is dropped, counted, and asked again by the next event.
class EnrichmentQueue {
 public:
  explicit EnrichmentQueue(HealthRegion& health);

  /// Decoding thread: names the executed file, in this state and under this path, and asks about it
  /// when it is new. A file that is not settled has a name for this once: what is found out about
  /// it must not be taken for what another run was of.
  UuidBytes note_executed(std::string_view path, const ExecutedFile& file, uint64_t time_ns);
  /// Decoding thread: whether that container would be asked about.
  bool needs_container(const std::string& id, uint64_t time_ns);
  void note_container(ContainerOrigin origin, uint64_t time_ns);

  /// Control thread, once: called by the decoding thread when there are questions, and not again
  /// before some were taken. It must not wait.
  void set_on_questions(std::function<void()> callback);
  /// Control thread: takes up to `limit` of the oldest.
  std::vector<ExecutableRequest> take_executables(size_t limit);
  std::vector<ContainerRequest> take_containers(size_t limit);

 private:
  struct IdHash {
    size_t operator()(const UuidBytes& id) const;
  };
  template <typename Request>
  struct Waiting {
    std::deque<Request> requests;
    Counter depth, asked, known, dropped;
  };
  /// What a file in that state and under that path was named last.
  struct Named {
    std::string path;
    FileState state;
    UuidBytes id{};
  };
  const UuidBytes& settled_name(std::string_view path, const FileState& state);
  template <typename Request>
  bool push(Waiting<Request>& waiting, Request request);
  template <typename Request>
  std::vector<Request> take(Waiting<Request>& waiting, size_t limit);

  std::mutex mutex_;
  std::function<void()> on_questions_;  ///< guarded by mutex_
  bool is_told_ = false;                ///< guarded by mutex_
  Waiting<ExecutableRequest> executables_;
  Waiting<ContainerRequest> containers_;
  uint64_t unsettled_ = 0;        ///< seen so far; decoding thread
  std::array<Named, 256> names_;  ///< by inode; decoding thread
  RecentKeys<UuidBytes, IdHash> known_executables_;
  RecentKeys<std::string> known_containers_;
};

}  // namespace auditql
