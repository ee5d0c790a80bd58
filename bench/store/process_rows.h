#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "store/generated/event_tables.h"
#include "store/row.h"

namespace auditql::bench {

/// Rows as a busy build host makes them, the same ones every time: the fork, exec and exit of one
/// process after the other, 400 programs of which few are run most, arguments that never repeat,
/// a pid that comes back after 100,000 processes. The cells that are set are those that the
/// pipeline sets of events of the audit backend.
class ProcessRows {
 public:
  static constexpr uint64_t kStartNs = 1'763'712'000'000'000'000, kStepNs = 20'000'000;
  static constexpr uint64_t kPids = 100'000, kFirstPid = 1000;

  ProcessRows() {
    for (size_t i = 0; i < kPrograms; i++) {
      comms_.push_back("program-" + std::to_string(i));
      paths_.push_back("/usr/lib/package-" + std::to_string(i % 60) + "/bin/" + comms_.back());
      directories_.push_back("/home/builder/work/tree-" + std::to_string(i % 90));
    }
    set_constants();
  }
  ProcessRows(const ProcessRows&) = delete;
  ProcessRows& operator=(const ProcessRows&) = delete;

  /// Row `number`, to be asked for in order; valid until the next call.
  const Row& make(uint64_t number) {
    const uint64_t process = number / 3;
    const size_t action = number % 3;
    if (action == kFork) start_process(process);
    Row& row = rows_[action];
    row.set(Column::ntime, kStartNs + number * kStepNs);
    row.set(Column::serial, number & UINT32_MAX);
    if (action == kExec) set_execution(process);
    if (action == kExit) row.set(Column::exit_time, (kStartNs + number * kStepNs) / 1'000'000'000);
    return row;
  }

 private:
  using Column = ProcessEventsColumn;
  static constexpr size_t kPrograms = 400;
  enum Action : size_t { kFork, kExec, kExit };

  void set_constants() {
    constexpr std::array<std::string_view, 3> kTypes{"start", "start", "end"};
    constexpr std::array<std::string_view, 3> kActions{"fork", "exec", "exit"};
    constexpr std::array<std::string_view, 3> kCalls{"clone", "execve", "exit_group"};
    for (size_t action = kFork; action <= kExit; action++) {
      Row& row = rows_[action];
      row.set(Column::event_type, kTypes[action]);
      row.set(Column::event_action, kActions[action]);
      row.set(Column::syscall, kCalls[action]);
      row.set(Column::tty, std::string_view("pts/3"));
      row.set(Column::arch, std::string_view("x86_64"));
      row.set(Column::backend, std::string_view("audit"));
      row.set(Column::key, std::string_view("auditql"));
      row.set(Column::interactive, uint64_t{1});
      row.set(Column::success, uint64_t{1});
      row.set(Column::session_id, uint64_t{7});
      row.set(Column::session_leader_uuid, leader_);
      row.set(Column::entry_leader_uuid, leader_);
      row.set(Column::process_uuid, uuid_);
      row.set(Column::parent_uuid, parent_uuid_);
    }
    rows_[kExec].set(Column::mode, std::string_view("0100755"));
    rows_[kExec].set(Column::owner_uid, uint64_t{0});
    rows_[kExec].set(Column::owner_gid, uint64_t{0});
    rows_[kExit].set(Column::exit_code, uint64_t{0});
  }

  /// What all rows of a process have in common.
  void start_process(uint64_t process) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    program_ = (random_ >> 33) % 20 * ((random_ >> 40) % 20);
    const uint64_t uid = process % 7 == 0 ? 0 : 1000;
    put_number(uuid_, process);
    put_number(parent_uuid_, process / 40);
    for (Row& row : rows_) {
      row.set(Column::pid, kFirstPid + process % kPids);
      row.set(Column::parent, 900 + process / 40 % 5000);
      row.set(Column::path, std::string_view(paths_[program_]));
      row.set(Column::exe, std::string_view(paths_[program_]));
      row.set(Column::comm, std::string_view(comms_[program_]));
      for (const Column id : {Column::auid, Column::uid, Column::euid, Column::gid, Column::egid,
                              Column::fsuid, Column::suid, Column::fsgid, Column::sgid}) {
        row.set(id, uid);
      }
      row.set(Column::start_time, kStartNs + process * 3 * kStepNs);
      row.set(Column::uptime, 86'400 + process * 3 / 50);
    }
  }

  void set_execution(uint64_t process) {
    Row& row = rows_[kExec];
    const int length = std::snprintf(arguments_.data(), arguments_.size(),
                                     "%s%c-c%c-O2%c-o%c/tmp/build/object-%llu.o%csrc/%llx.c",
                                     comms_[program_].c_str(), 0, 0, 0, 0,
                                     static_cast<unsigned long long>(process), 0,
                                     static_cast<unsigned long long>(random_ >> 40));
    row.set(Column::args_bytes,
            std::string_view(arguments_.data(), static_cast<size_t>(length) + 1));
    row.set(Column::args_count, uint64_t{6});
    row.set(Column::cwd, std::string_view(directories_[program_]));
    const uint64_t installed = 1'700'000'000 + program_ * 86'400;
    for (const Column time : {Column::atime, Column::mtime, Column::ctime, Column::btime}) {
      row.set(time, installed);
    }
  }

  static void put_number(UuidBytes& uuid, uint64_t number) {
    for (size_t i = 0; i < 8; i++) uuid[i] = static_cast<uint8_t>(number >> (8 * i));
  }

  std::array<Row, 3> rows_;
  std::vector<std::string> comms_, paths_, directories_;
  std::array<char, 256> arguments_{};
  UuidBytes uuid_{1, 2, 3, 4, 5, 6, 7, 8, 9}, parent_uuid_{}, leader_{42};
  uint64_t random_ = 42;
  size_t program_ = 0;
};

}  // namespace auditql::bench
