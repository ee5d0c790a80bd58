// What the observers of `overhead` and `memory` are measured with, on loopback only:
//   load shells COUNT            short shells, two at a time, each sending a datagram
//   load connects COUNT          connect(2) of one UDP socket, to one port
//   load storm SECONDS           the same from two processes, as fast as it goes
//   load processes COUNT CALLS   short processes, two at a time, each with so many socket calls
// Prints a JSON object: calls or processes made, and what they took in seconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kAtOnce = 2 };

extern char** environ;

static char program[4096];

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(int who) {
  struct rusage used;
  getrusage(who, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static struct sockaddr_in loopback(uint32_t host, uint16_t port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xff000000U) | host);
  return address;
}

static int datagram_socket(void) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  return fd;
}

/// Receives what is sent, and reads none of it. Gives its port.
static uint16_t open_receiver(void) {
  struct sockaddr_in address = loopback(1, 0);
  socklen_t size = sizeof address;
  const int fd = datagram_socket();
  if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0) fail("bind");
  if (getsockname(fd, (struct sockaddr*)&address, &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

static int connect_to(int fd, const struct sockaddr_in* address) {
  return connect(fd, (const struct sockaddr*)address, sizeof *address);
}

static int send_datagram(uint16_t port) {
  const struct sockaddr_in address = loopback(1, port);
  const int fd = datagram_socket();
  if (connect_to(fd, &address) != 0) return 1;
  return send(fd, "load", 4, 0) == 4 ? 0 : 1;
}

/// One short process: datagrams of new sockets to addresses of its own, connects, and one TCP
/// connect to a closed port. `calls` socket calls in all.
static int make_socket_calls(uint64_t number, uint64_t calls, uint16_t port) {
  int fd = datagram_socket();
  for (uint64_t i = 1; i < calls; i++) {
    const struct sockaddr_in address =
        loopback((uint32_t)((number * calls + i) & 0xffffffU) | 1U, port);
    if (i % 20 == 0) {
      close(fd);
      fd = datagram_socket();
    }
    if (i % 4 == 0) {
      (void)!sendto(fd, "load", 4, MSG_DONTWAIT, (const struct sockaddr*)&address, sizeof address);
    } else {
      (void)!connect_to(fd, &address);
    }
  }
  const struct sockaddr_in closed = loopback(1, 1);
  const int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return connect_to(stream, &closed) != 0 && errno == ECONNREFUSED ? 0 : 1;
}

/// Memory that the processes of the generator share.
static uint64_t* shared_numbers(void) {
  void* const at = mmap(NULL, kAtOnce * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) fail("mmap");
  return at;
}

/// Runs `act` in a process for each processor that the generator uses; the sum of what it gives.
static uint64_t in_processes(uint64_t (*act)(uint64_t number, void* with), void* with) {
  uint64_t* const results = shared_numbers();
  for (uint64_t i = 0; i < kAtOnce; i++) {
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child != 0) continue;
    results[i] = act(i, with);
    _exit(0);
  }
  uint64_t sum = 0;
  for (int i = 0; i < kAtOnce; i++) {
    int status = 0;
    if (wait(&status) < 0 || status != 0) fail("a process of the generator");
  }
  for (int i = 0; i < kAtOnce; i++) sum += results[i];
  return sum;
}

struct programs {
  uint64_t count;
  char** arguments;
  void (*set)(uint64_t number);  ///< changes an argument for the next one; may be NULL
};

/// Every kAtOnce-th of the programs, one after the other; how many failed.
static uint64_t run_share(uint64_t number, void* with) {
  const struct programs* const all = with;
  uint64_t failed = 0;
  for (uint64_t i = number; i < all->count; i += kAtOnce) {
    pid_t pid;
    int status = 0;
    if (all->set != NULL) all->set(i);
    if (posix_spawn(&pid, all->arguments[0], NULL, NULL, all->arguments, environ) != 0) {
      fail("posix_spawn");
    }
    if (waitpid(pid, &status, 0) < 0) fail("waitpid");
    failed += status == 0 ? 0 : 1;
  }
  return failed;
}

static uint64_t run_shells(uint64_t count) {
  static char command[sizeof program + 64];
  snprintf(command, sizeof command, "exec %s datagram %u", program, open_receiver());
  char* arguments[] = {"/bin/sh", "-c", command, NULL};
  struct programs shells = {count, arguments, NULL};
  return in_processes(run_share, &shells);
}

static char number_text[24];

static void set_number(uint64_t number) {
  snprintf(number_text, sizeof number_text, "%llu", (unsigned long long)number);
}

static uint64_t run_processes(uint64_t count, char* calls) {
  char port[8];
  snprintf(port, sizeof port, "%u", open_receiver());
  char* arguments[] = {program, "process", number_text, calls, port, NULL};
  struct programs processes = {count, arguments, set_number};
  return in_processes(run_share, &processes);
}

static void make_connects(uint64_t count) {
  const struct sockaddr_in address = loopback(1, open_receiver());
  const int fd = datagram_socket();
  for (uint64_t i = 0; i < count; i++) {
    if (connect_to(fd, &address) != 0) fail("connect");
  }
}

static uint64_t connect_until(uint64_t number, void* end) {
  const struct sockaddr_in address = loopback(1, 9);
  const int fd = datagram_socket();
  uint64_t made = 0;
  (void)number;
  while (seconds_of(CLOCK_MONOTONIC) < *(double*)end) {
    for (int i = 0; i < 64; i++, made++) {
      if (connect_to(fd, &address) != 0) fail("connect");
    }
  }
  return made;
}

static uint64_t number_of(const char* text) { return strtoull(text, NULL, 10); }

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* const what = argv[1];
  if (strcmp(what, "datagram") == 0) return send_datagram((uint16_t)number_of(argv[2]));
  if (strcmp(what, "process") == 0 && argc == 5) {
    return make_socket_calls(number_of(argv[2]), number_of(argv[3]), (uint16_t)number_of(argv[4]));
  }
  if (readlink("/proc/self/exe", program, sizeof program - 1) < 0) fail("/proc/self/exe");
  const double start = seconds_of(CLOCK_MONOTONIC);
  uint64_t made = number_of(argv[2]), failed = 0;
  if (strcmp(what, "shells") == 0) {
    failed = run_shells(made);
  } else if (strcmp(what, "connects") == 0) {
    make_connects(made);
  } else if (strcmp(what, "storm") == 0) {
    double end = start + (double)made;
    made = in_processes(connect_until, &end);
  } else if (strcmp(what, "processes") == 0 && argc == 4) {
    failed = run_processes(made, argv[3]);
  } else {
    return 2;
  }
  const double elapsed = seconds_of(CLOCK_MONOTONIC) - start;
  printf("{\"made\":%llu,\"failed\":%llu,\"elapsedSeconds\":%.6f,\"cpuSeconds\":%.6f}\n",
         (unsigned long long)made, (unsigned long long)failed, elapsed,
         cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN));
  return 0;
}
