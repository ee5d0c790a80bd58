// Digests files as the data plane does where the process has no OpenSSL, as this one has none, and
// prints the CPU time that it took.
#include <fcntl.h>
#include <sys/resource.h>

#include <cstdio>

#include "event_sources/file_digests.h"
#include "system/unique_fd.h"

using namespace auditql;

namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  const double before = cpu_seconds();
  int whole = 0;
  for (int i = 1; i < argc; i++) {
    const UniqueFd file(::open(argv[i], O_RDONLY | O_CLOEXEC));
    const DigestedFile read = digest_file(file.get(), {UINT64_MAX, {}, nullptr});
    whole += read.end == ReadEnd::whole ? 1 : 0;
  }
  std::printf("{\"files\":%d,\"cpuSeconds\":%.6f}\n", whole, cpu_seconds() - before);
  return whole == argc - 1 ? 0 : 1;
}
