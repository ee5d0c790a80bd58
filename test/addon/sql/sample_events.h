#pragma once

#include <random>

#include "sql_fixture.h"

namespace auditql::test {

inline constexpr uint64_t kFirstSecond = 1'700'000'000;

inline UuidBytes sample_uuid(uint64_t number) {
  UuidBytes uuid{};
  for (size_t i = 0; i < 8; i++) uuid[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  uuid[0] = 0xA0;
  return uuid;
}

/// Appends process events whose values repeat, lie out of order in time, and are missing at times.
inline void append_sample_events(EventTable& table, size_t count) {
  std::mt19937_64 random(7);
  const auto below = [&](uint64_t n) { return random() % n; };
  for (size_t i = 0; i < count; i++) {
    Row row;
    const std::string path = "/usr/bin/tool-" + std::to_string(below(12));
    const std::string args = path + std::string(1, '\0') + "-x" + std::string(1, '\0') +
                             (i % 9 == 0   ? "caf\xC3\xA9"
                              : i % 7 == 0 ? "bad\xFF"
                                           : "plain") +
                             std::string(1, '\0');
    const uint64_t pid = 1 + below(40);
    // A few seconds of disorder, as events of several CPUs have.
    const uint64_t ntime =
        (kFirstSecond + i / 10 + below(4)) * 1'000'000'000 + below(1'000'000'000);
    if (i % 11 != 0) row.set(ProcessEventsColumn::pid, pid);
    if (i % 5 != 0) row.set(ProcessEventsColumn::parent, 1 + below(20));
    row.set(ProcessEventsColumn::path, std::string_view(path));
    row.set(ProcessEventsColumn::args_bytes, std::string_view(args));
    row.set(ProcessEventsColumn::uid, below(3) * 1000);
    row.set(ProcessEventsColumn::ntime, ntime);
    // The row keeps views of what it is given.
    const UuidBytes self = sample_uuid(pid), parent = sample_uuid(below(20));
    if (i % 13 != 0) row.set(ProcessEventsColumn::process_uuid, self);
    row.set(ProcessEventsColumn::parent_uuid, parent);
    table.append(row);
  }
}

/// A table of sample events and a connection that reads it.
struct SampleEvents {
  explicit SampleEvents(size_t rows) : table(state.open_table(kProcessEvents)) {
    append_sample_events(*table, rows);
    connection.sql().attach_store(state.path());
  }
  StateDirectory state;
  std::unique_ptr<EventTable> table;
  Connection connection;
};

}  // namespace auditql::test
