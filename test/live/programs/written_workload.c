/* Does things at random and writes each down, one line an action, on standard output.
 *   written_workload SEED COUNT
 * PID fork | PID exec PATH | PID exec_failed ERROR | PID exit CODE | PID signal NUMBER |
 * PID CALL ADDRESS PORT ERROR (0: none) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned state;

static unsigned choose(unsigned below) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % below;
}

/* One write per line: lines of several processes do not mix in a pipe (pipe(7), PIPE_BUF). */
static void note(const char* format, ...) {
  char line[256];
  va_list values;
  int size = snprintf(line, sizeof line, "%d ", getpid());
  va_start(values, format);
  size += vsnprintf(line + size, sizeof line - (size_t)size - 1, format, values);
  va_end(values);
  line[size++] = '\n';
  if (write(STDOUT_FILENO, line, (size_t)size) != size) abort();
}

static void leave(void) {
  if (choose(4) == 0) {
    const int signals[] = {SIGKILL, SIGTERM, SIGUSR2};
    const int number = signals[choose(3)];
    note("signal %d", number);
    kill(getpid(), number);
    pause();
  }
  const int code = (int)choose(256);
  note("exit %d", code);
  _exit(code);
}

static struct sockaddr_in address_of(unsigned block, unsigned port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(0x7f000000u | block << 16 | choose(200) << 8 | (1 + choose(200)));
  return address;
}

static void note_call(const char* call, struct sockaddr_in address, int result) {
  char text[INET_ADDRSTRLEN];
  const int error = result < 0 ? errno : 0;
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  note("%s %s %d %s", call, text, ntohs(address.sin_port), strerrorname_np(error));
}

static void connect_in_vain(void) {
  const int fd = socket(AF_INET, choose(2) ? SOCK_STREAM : SOCK_DGRAM, 0);
  const struct sockaddr_in to = address_of(99, 1);
  note_call("connect", to, connect(fd, (const struct sockaddr*)&to, sizeof to));
  close(fd);
}

static void bind_and_connect(void) {
  const int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = address_of(98, 0), from;
  socklen_t size = sizeof at;
  note_call("bind", at, bind(server, (const struct sockaddr*)&at, sizeof at));
  getsockname(server, (struct sockaddr*)&at, &size);
  note_call("listen", (struct sockaddr_in){0}, listen(server, 1));
  note_call("connect", at, connect(client, (const struct sockaddr*)&at, sizeof at));
  size = sizeof from;
  const int taken = accept(server, (struct sockaddr*)&from, &size);
  note_call("accept", from, taken);
  close(taken);
  close(client);
  close(server);
}

static void* nothing(void* unused) { return unused; }

static void run_a_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, nothing, NULL) != 0) abort();
  pthread_join(thread, NULL);
}

static void execute(void) {
  char argument[32];
  snprintf(argument, sizeof argument, "written-%d", getpid());
  char* arguments[] = {"true", argument, NULL};
  if (choose(4) == 0) {
    execv("/nonexistent/program", arguments);
    note("exec_failed %s", strerrorname_np(errno));
    return;
  }
  note("exec /usr/bin/true");
  note("exit 0");
  execv("/usr/bin/true", arguments);
  abort();
}

static void work(unsigned count, unsigned depth);

static void make_child(unsigned depth) {
  const unsigned seed = choose(1u << 24);
  const pid_t child = fork();
  if (child == 0) {
    state = seed;
    note("fork");
    work(choose(5), depth + 1);
    if (choose(3) == 0) execute();
    leave();
  }
  /* Some are left to end by themselves, after or before their parent. */
  if (choose(3) != 0) waitpid(child, NULL, 0);
}

static void work(unsigned count, unsigned depth) {
  for (unsigned i = 0; i < count; i++) {
    switch (choose(depth < 4 ? 6 : 3)) {
      case 0: connect_in_vain(); break;
      case 1: bind_and_connect(); break;
      case 2: run_a_thread(); break;
      default: make_child(depth);
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  state = (unsigned)strtoul(argv[1], NULL, 10);
  note("fork");
  note("exec %s", argv[0]);
  work((unsigned)atoi(argv[2]), 0);
  while (wait(NULL) > 0) {
  }
  note("exit 0");
  return 0;
}
