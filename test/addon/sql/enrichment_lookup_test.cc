#include "bytes/digest.h"
#include "sql_fixture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

UuidBytes id_of(uint8_t first) {
  UuidBytes id{};
  id[0] = first;
  return id;
}

/// Process events that name executables and containers, and what is known of those.
struct Facts {
  Facts()
      : events(state.open_table(kProcessEvents)),
        executables(state.open_table(kExecutables)),
        containers(state.open_table(kContainers)) {
    connection.sql().attach_store(state.path());
  }

  void execute(uint8_t file, std::string_view container = {}) {
    Row row;
    const UuidBytes id = id_of(file);
    row.set(ProcessEventsColumn::executable_id, id);
    row.set(ProcessEventsColumn::pid, uint64_t{file});
    if (!container.empty()) row.set(ProcessEventsColumn::container_id, container);
    events->append(row);
  }
  void learn(uint8_t file, std::string_view sha256) {
    Row row;
    const UuidBytes id = id_of(file);
    row.set(ExecutablesColumn::executable_id, id);
    row.set(ExecutablesColumn::sha256, sha256);
    executables->append(row);
  }

  StateDirectory state;
  Connection connection;
  std::unique_ptr<EventTable> events, executables, containers;
};

using Rows = std::vector<std::string>;
const std::string kHashes = "select pid, exe_hash_sha256 from process_events order by eid";

}  // namespace

int main(int argc, char** argv) {
  claim("a fact is NULL until it is known, and then shows in rows stored before", [] {
    Facts facts;
    facts.execute(1);
    facts.execute(2);
    EXPECT_EQ(facts.connection.rows(kHashes) == (Rows{"1|NULL", "2|NULL"}), true);
    facts.learn(2, "abc");
    EXPECT_EQ(facts.connection.rows(kHashes) == (Rows{"1|NULL", "2|abc"}), true);
  });

  claim("the newest row of a key counts, and no other key's", [] {
    Facts facts;
    facts.execute(1);
    facts.learn(1, "old");
    facts.learn(1, "new");
    facts.learn(3, "other");
    EXPECT_EQ(facts.connection.rows(kHashes) == (Rows{"1|new"}), true);
    EXPECT_EQ(
        facts.connection.value("select count(*) from process_events where exe_hash_sha256 = 'new'"),
        "1");
  });

  claim("containers are found by the digest of their id", [] {
    Facts facts;
    facts.execute(1, "web-1");
    facts.execute(2);
    Row row;
    const std::string key = sha256_digest("web-1").substr(0, 16);
    row.set(ContainersColumn::container_key, std::string_view(key));
    row.set(ContainersColumn::name, std::string_view("frontend"));
    facts.containers->append(row);
    EXPECT_EQ(facts.connection.rows("select container_name from process_events order by eid") ==
                  (Rows{"frontend", "NULL"}),
              true);
  });

  claim("more keys than are kept are still all found", [] {
    Facts facts;
    for (int i = 0; i < 5000; i++) {
      Row event, fact;
      UuidBytes id{};
      id[0] = static_cast<uint8_t>(i);
      id[1] = static_cast<uint8_t>(i >> 8);
      const std::string name = std::to_string(i);
      event.set(ProcessEventsColumn::executable_id, id);
      event.set(ProcessEventsColumn::path, std::string_view(name));
      facts.events->append(event);
      fact.set(ExecutablesColumn::executable_id, id);
      fact.set(ExecutablesColumn::sha256, std::string_view(name));
      facts.executables->append(fact);
    }
    EXPECT_EQ(
        facts.connection.value("select count(*) from process_events where path = exe_hash_sha256"),
        "5000");
  });

  claim("a statement tells whether it reads facts", [] {
    Facts facts;
    const auto reads = [&](const std::string& sql) {
      return facts.connection.sql().inspect(sql).take().reads_facts;
    };
    EXPECT_EQ(reads("select pid, path from process_events"), false);
    EXPECT_EQ(reads("select count(*) from process_events"), false);
    EXPECT_EQ(reads("select * from process_events"), true);
    EXPECT_EQ(reads("select pid from process_events where pod_name = 'x'"), true);
    EXPECT_EQ(reads("select path from executables"), true);
    EXPECT_EQ(reads("select e.path from process_events e join containers c on c.container_id = "
                    "e.container_id"),
              true);
  });

  return run_claims(argc, argv);
}
