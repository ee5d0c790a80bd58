/* Makes processes of known fate for the live tests; prints what became of each, one a line.
 *   process_workload ends            pid code signal (0 for none), as wait(2) says
 *   process_workload chain DEPTH     pid of each link, outermost first
 *   process_workload threads COUNT   its own pid, once that many threads have come and gone; until
 *                                    its input ends
 *   process_workload spawns COUNT    pid of each child, by posix_spawn and vfork in turn
 *   process_workload lives           kind pid, and by how many ms it took longer than it should
 *   process_workload storm COUNT     pid, parent, code and signal of each, in chains of four
 *   process_workload disguise WORD   its own pid, under another name; until its input ends
 *   process_workload confine         its own pid and UTS namespace, of a process without new
 *                                    privileges and with three variables; until its input ends */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;
static const char* program;

static void run_self(const char* mode, const char* value) {
  char* arguments[] = {(char*)program, (char*)mode, (char*)value, NULL};
  execv("/proc/self/exe", arguments);
  _exit(126);
}

static pid_t start(const char* mode, const char* value) {
  const pid_t pid = fork();
  if (pid == 0) run_self(mode, value);
  return pid;
}

static void report_end(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) exit(1);
  printf("%d %d %d\n", pid, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
         WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void ends(void) {
  const int signals[] = {SIGKILL, SIGSEGV, SIGTERM, SIGABRT, SIGHUP, SIGUSR1, SIGPIPE, SIGRTMAX};
  char value[16];
  for (int code = 0; code < 256; code++) {
    snprintf(value, sizeof value, "%d", code);
    report_end(start("code", value));
    if (code % 4 != 0) continue;
    const pid_t pid = fork(); /* neither exec nor exit_group(2) */
    if (pid == 0) syscall(SYS_exit, code);
    report_end(pid);
  }
  for (int i = 0; i < 200; i++) {
    snprintf(value, sizeof value, "%d", signals[i % 8]);
    report_end(start("signal", value));
  }
  for (int i = 0; i < 10; i++) {
    snprintf(value, sizeof value, "%d", i);
    report_end(start("first-thread-leaves", value));
    report_end(start("other-thread-executes", value));
  }
}

static void* leave_later(void* value) {
  usleep(20000);
  exit(atoi(value));
}

static void* execute(void* value) {
  run_self("code", value);
  return NULL;
}

static void* wait_forever(void* unused) {
  for (;;) pause();
  return unused;
}

static void chain(int depth) {
  printf("%d\n", getpid());
  fflush(stdout);
  if (depth == 0) return;
  char value[16];
  snprintf(value, sizeof value, "%d", depth - 1);
  waitpid(start("chain", value), NULL, 0);
}

static void* nothing(void* unused) { return unused; }

static void wait_for_end_of_input(void) {
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
}

static void threads(int count) {
  pthread_t each[50];
  for (int done = 0; done < count; done += 50) {
    for (int i = 0; i < 50; i++) {
      if (pthread_create(&each[i], NULL, nothing, NULL) != 0) exit(1);
    }
    for (int i = 0; i < 50; i++) pthread_join(each[i], NULL);
  }
  printf("%d\n", getpid());
  wait_for_end_of_input();
}

static pid_t spawn_true(int by_vfork) {
  char* arguments[] = {"true", "spawned", NULL};
  pid_t pid = 0;
  if (!by_vfork)
    return posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ) == 0 ? pid : -1;
  pid = vfork();
  if (pid == 0) {
    execv("/bin/true", arguments);
    _exit(126);
  }
  return pid;
}

static void spawns(int count) {
  for (int i = 0; i < count; i++) {
    const pid_t pid = spawn_true(i % 2);
    if (waitpid(pid, NULL, 0) != pid) exit(1);
    printf("%d\n", pid);
  }
}

/* One second is the window of a fold; what is to be in another waits twice that. */
enum { kApartUs = 2500000 };

static void live(const char* kind) {
  if (strcmp(kind, "fork") == 0) {
    usleep(kApartUs);
    _exit(0);
  }
  if (strcmp(kind, "fork+exec") == 0) run_self("sleep", "2500000");
  if (strcmp(kind, "fork+exec+exit") == 0) run_self("code", "3");
  if (strcmp(kind, "fork+exit") == 0) _exit(4);
  usleep(kApartUs);
  if (strcmp(kind, "exec") == 0) run_self("sleep", "2500000");
  run_self("code", "5");
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void lives(void) {
  const struct {
    const char* kind;
    int waits; /* of kApartUs each */
  } each[] = {{"fork", 1},      {"fork+exec", 1}, {"fork+exec+exit", 0},
              {"fork+exit", 0}, {"exec", 2},      {"exec+exit", 1}};
  pid_t pids[6];
  long started_ms[6];
  for (int i = 0; i < 6; i++) {
    started_ms[i] = now_ms();
    pids[i] = fork();
    if (pids[i] == 0) live(each[i].kind);
  }
  for (pid_t ended; (ended = wait(NULL)) > 0;) {
    for (int i = 0; i < 6; i++) {
      const long late_ms = now_ms() - started_ms[i] - each[i].waits * (kApartUs / 1000);
      if (pids[i] == ended) printf("%s %d %ld\n", each[i].kind, ended, late_ms);
    }
  }
}

static void storm(int count) {
  for (int i = 0; i < count; i += 4) {
    fflush(stdout);
    const pid_t first = fork();
    if (first == 0) {
      for (int depth = 1;; depth++) {
        const int is_killed = depth == 4 && i % 40 == 0;
        printf("%d %d %d %d\n", getpid(), getppid(), is_killed ? 0 : depth, is_killed ? 9 : 0);
        fflush(stdout);
        if (is_killed) kill(getpid(), SIGKILL);
        if (depth == 4) _exit(depth);
        const pid_t next = fork();
        if (next != 0) {
          waitpid(next, NULL, 0);
          _exit(depth);
        }
      }
    }
    waitpid(first, NULL, 0);
  }
}

/* All arguments lie in one piece, which is what /proc/PID/cmdline shows (proc(5)). */
static void disguise(int argc, char** argv) {
  char* end = argv[argc - 1] + strlen(argv[argc - 1]);
  memset(argv[0], 0, (size_t)(end - argv[0]));
  strcpy(argv[0], "[kworker/0:1]");
  prctl(PR_SET_NAME, "kworker/0:1");
  printf("%d\n", getpid());
  wait_for_end_of_input();
}

static void confine(void) {
  struct stat space;
  if (unshare(CLONE_NEWUTS) != 0 || stat("/proc/self/ns/uts", &space) != 0) exit(1);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  printf("%d %lu\n", getpid(), (unsigned long)space.st_ino);
  fflush(stdout);
  char* arguments[] = {(char*)program, "wait", "--password=hunter2", NULL};
  char* variables[] = {"LANG=C", "KEPT=a b", "KEPT_TOKEN=hunter2", NULL};
  execve("/proc/self/exe", arguments, variables);
  exit(126);
}

static void end_by_signal(int number) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(number, SIG_DFL);
  kill(getpid(), number);
  pause();
}

int main(int argc, char** argv) {
  program = argv[0];
  const char* mode = argc > 1 ? argv[1] : "";
  char* value = argc > 2 ? argv[2] : "0";
  const int number = atoi(value);
  pthread_t thread;
  if (strcmp(mode, "code") == 0) return number;
  if (strcmp(mode, "sleep") == 0) return usleep((useconds_t)number), 0;
  if (strcmp(mode, "signal") == 0) end_by_signal(number);
  if (strcmp(mode, "first-thread-leaves") == 0) {
    pthread_create(&thread, NULL, leave_later, value);
    pthread_exit(NULL);
  }
  if (strcmp(mode, "other-thread-executes") == 0) {
    pthread_create(&thread, NULL, wait_forever, NULL);
    pthread_create(&thread, NULL, execute, value);
    wait_forever(NULL);
  }
  if (strcmp(mode, "ends") == 0) ends();
  if (strcmp(mode, "chain") == 0) chain(number);
  if (strcmp(mode, "threads") == 0) threads(number);
  if (strcmp(mode, "spawns") == 0) spawns(number);
  if (strcmp(mode, "lives") == 0) lives();
  if (strcmp(mode, "storm") == 0) storm(number);
  if (strcmp(mode, "disguise") == 0) disguise(argc, argv);
  if (strcmp(mode, "confine") == 0) confine();
  if (strcmp(mode, "wait") == 0) wait_for_end_of_input();
  return 0;
}
