// Asks whether /bin/true may be executed, as interpreters do with scripts (execveat(2) with
// AT_EXECVE_CHECK, Linux 6.14), and waits for the end of its input. Prints its pid, and the answer.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif

int main(void) {
  static char* arguments[] = {"asked", NULL};
  static char* environment[] = {NULL};
  char byte;
  const long answer =
      syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, environment, AT_EXECVE_CHECK);
  printf("%d %d\n", getpid(), answer == 0 ? 0 : errno);
  fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
