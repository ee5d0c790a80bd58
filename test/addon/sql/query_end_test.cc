// What ends a query before its last row: its deadline, a cancel, a reader that is gone.
#include <chrono>
#include <csignal>
#include <thread>

#include "sql_fixture.h"
#include "system/unique_fd.h"

namespace auditql::test {
namespace {

constexpr const char* kEndless =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
constexpr const char* kEndlessRows =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";

}  // namespace
}  // namespace auditql::test

int main(int argc, char** argv) {
  using namespace auditql;
  using namespace auditql::test;
  // As in Node: a reader that is gone shows as EPIPE.
  std::signal(SIGPIPE, SIG_IGN);

  claim("the deadline ends an endless query, and the next query runs untouched", [] {
    Connection connection;
    QueryRequest request;
    request.sql = kEndless;
    request.timeout_ms = 30;
    EXPECT_EQ(error_of(run_query(connection.sql(), request)),
              "query_timeout: the query timed out after 30 ms");
    request.sql = "SELECT sleep(100)";
    EXPECT(error_of(run_query(connection.sql(), request)).starts_with("query_timeout"));
    request.sql = "SELECT 1 AS a";
    EXPECT_EQ(run_query(connection.sql(), request).text, "{\"a\":1}\n");
  });

  claim("a cancel ends the query of its generation and no other", [] {
    Connection connection;
    const auto watchdog = connection.sql().watchdog();
    for (const uint32_t generation : {1000u, 1001u, 1002u}) {
      // Early, at the same time, late: wherever it lands, only its own query ends.
      std::thread canceller([&] {
        if (generation != 1000) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        watchdog->cancel(generation);
      });
      if (generation == 1000) canceller.join();
      QueryRequest request;
      request.sql = kEndless;
      request.generation = generation;
      const UniqueFd sink(::open("/dev/null", O_WRONLY));
      request.output_fd = sink.get();
      const QueryOutcome outcome = connection.sql().run(request);
      EXPECT_EQ(outcome.error->code, "query_cancelled");
      if (canceller.joinable()) canceller.join();
      watchdog->cancel(generation);
      request.sql = "SELECT 1";
      request.generation = generation;
      EXPECT(!connection.sql().run(request).error);
    }
  });

  claim("a reader that is gone ends the query as refused", [] {
    Connection connection;
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    QueryRequest request;
    request.sql = kEndlessRows;
    request.generation = 1;
    request.output_fd = ends[1];
    EXPECT_EQ(connection.sql().run(request).error->code, "result_refused");
    ::close(ends[1]);
  });

  claim("a deadline is met while the reader takes nothing, and frames stay whole", [] {
    Connection connection;
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    std::string got;
    std::thread reader([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
      char buffer[65536];
      for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        got.append(buffer, static_cast<size_t>(n));
    });
    QueryRequest request;
    request.sql = kEndlessRows;
    request.generation = 5;
    request.timeout_ms = 50;
    request.output_fd = ends[1];
    const QueryOutcome outcome = connection.sql().run(request);
    ::close(ends[1]);
    reader.join();
    ::close(ends[0]);
    EXPECT_EQ(outcome.error->code, "query_timeout");
    Written written;
    take_frames(got, 5, written);
    EXPECT(written.ended);
  });

  return run_claims(argc, argv);
}
