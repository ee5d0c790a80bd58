// The planner begins a join with the table that leaves the fewest rows, however the join is
// written.
#include <algorithm>
#include <map>

#include "sample_events.h"

namespace auditql::test {
namespace {

class EmptyTable : public TableGenerator {
 public:
  Result<std::unique_ptr<StateScan>> generate(const TableRequest&) override {
    return std::unique_ptr<StateScan>(new None);
  }

 private:
  struct None : StateScan {
    Result<bool> next(std::vector<SqlValue>&) override { return false; }
  };
};

/// A state table as processes and users are declared: looked up by a number.
StateTable state_table(const std::string& name, const std::string& key) {
  StateTable table;
  table.name = name;
  table.sql = "CREATE TABLE " + name + " (" + key + " BIGINT, name TEXT)";
  StateColumn number, text;
  number.name = key;
  number.type = SqlType::bigint;
  number.index = true;
  text.name = "name";
  table.columns = {number, text};
  return table;
}

/// Fork, exec and exit of one process after the other.
void append_executions(EventTable& table, uint64_t rows) {
  for (uint64_t i = 0; i < rows; i++) {
    Row row;
    const UuidBytes uuid = sample_uuid(i / 3);
    row.set(ProcessEventsColumn::pid, 1 + i / 3);
    row.set(ProcessEventsColumn::uid, uint64_t{1000});
    row.set(ProcessEventsColumn::process_uuid, uuid);
    row.set(ProcessEventsColumn::ntime, (kFirstSecond + i) * 1'000'000'000);
    table.append(row);
  }
}

void append_sockets(EventTable& table, uint64_t rows) {
  for (uint64_t i = 0; i < rows; i++) {
    Row row;
    const UuidBytes uuid = sample_uuid(i);
    row.set(SocketEventsColumn::pid, 1 + i);
    row.set(SocketEventsColumn::process_uuid, uuid);
    row.set(SocketEventsColumn::ntime, (kFirstSecond + i) * 1'000'000'000);
    table.append(row);
  }
}

/// A host with many executions or many connections.
struct Host {
  Host(size_t executions, size_t connections) {
    append_executions(*processes, executions);
    append_sockets(*sockets, connections);
    connection.sql().attach_store(state.path());
    const auto none = std::make_shared<EmptyTable>();
    EXPECT(connection.sql().define_table(state_table("processes", "pid"), none).ok());
    EXPECT(connection.sql().define_table(state_table("users", "uid"), none).ok());
  }

  /// Loops of the join, outermost first, as `table plan`.
  std::string plan(const std::vector<std::string>& tables, const std::string& condition) {
    std::string from;
    for (const std::string& each : tables) from += (from.empty() ? "" : ", ") + each;
    const std::string sql = "EXPLAIN QUERY PLAN SELECT * FROM " + from + " WHERE " + condition;
    std::string loops;
    for (const std::string& row : connection.rows(sql)) {
      const std::string detail = row.substr(row.rfind('|') + 1);
      const size_t name = detail.find(' ') + 1, index = detail.find("INDEX ") + 6;
      const size_t colon = detail.find(':', index);
      const std::string used = colon == std::string::npos ? "" : detail.substr(colon + 1);
      loops += (loops.empty() ? "" : " > ") + detail.substr(name, detail.find(' ', name) - name) +
               (used.empty() ? "" : " " + used);
    }
    return loops;
  }

  /// Expects the same plan in whatever order the tables are named.
  void expect_plan(std::vector<std::string> tables, const std::string& condition,
                   const std::string& expected) {
    std::sort(tables.begin(), tables.end());
    do EXPECT_EQ(plan(tables, condition), expected);
    while (std::next_permutation(tables.begin(), tables.end()));
  }

  StateDirectory state;
  std::unique_ptr<EventTable> processes = state.open_table(kProcessEvents);
  std::unique_ptr<EventTable> sockets = state.open_table(kSocketEvents);
  Connection connection;
};

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;

  claim("living processes are read once, and their events by pid", [] {
    Host host(20'000, 0);
    host.expect_plan({"processes p", "process_events e"}, "e.pid = p.pid", "p 3 > e pid=");
    host.expect_plan({"processes p", "process_events e"}, "e.pid = p.pid AND p.name = 'sh'",
                     "p 3 > e pid=");
  });

  claim("few events are read first, and processes and users looked up for each", [] {
    Host host(20'000, 50);
    host.expect_plan({"processes p", "process_events e"}, "e.pid = p.pid AND e.eid > 19995",
                     "e eid> > p 3 0=");
    host.expect_plan({"users u", "process_events e"}, "e.uid = u.uid AND e.eid > 19995",
                     "e eid> > u 3 0=");
    host.expect_plan({"users u", "process_events e"}, "e.uid = u.uid AND e.process_uuid = 'x'",
                     "e process_uuid= > u 3 0=");
  });

  claim("of two event tables the smaller one is read, and the other one by its key", [] {
    Host busy(20'000, 50);
    busy.expect_plan({"process_events e", "socket_events s"}, "e.process_uuid = s.process_uuid",
                     "s > e process_uuid=");
    Host talkative(50, 20'000);
    talkative.expect_plan({"process_events e", "socket_events s"},
                          "e.process_uuid = s.process_uuid", "e > s process_uuid=");
    busy.expect_plan({"process_events e", "socket_events s"},
                     "e.process_uuid = s.process_uuid AND e.eid = 7", "e eid= > s process_uuid=");
  });

  claim("a connection leads to its process, its user and what runs of it", [] {
    Host host(20'000, 20'000);
    host.expect_plan({"process_events e", "socket_events s", "users u"},
                     "e.process_uuid = s.process_uuid AND u.uid = e.uid AND s.eid > 19998",
                     "s eid> > e process_uuid= > u 3 0=");
    host.expect_plan({"process_events e", "processes p", "socket_events s", "users u"},
                     "e.process_uuid = s.process_uuid AND p.pid = s.pid AND u.uid = e.uid AND "
                     "s.eid = 5",
                     "s eid= > p 3 0= > e process_uuid= > u 3 0=");
  });

  return run_claims(argc, argv);
}
