// The first process of a virtual machine: runs each program that the kernel's command line names
// after "--", tells how it ended, and ends the machine. scripts/test-kernel.mjs reads what it prints.
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void mount_at(const char* type, const char* path) {
  mkdir(path, 0755);
  if (mount(type, path, type, 0, NULL) != 0) perror(path);
}

static void mount_all(void) {
  mount_at("proc", "/proc");
  mount_at("sysfs", "/sys");
  mount_at("devtmpfs", "/dev");
  mount_at("tmpfs", "/tmp");
  mount_at("tmpfs", "/run");
  mount_at("securityfs", "/sys/kernel/security");
  mount_at("tracefs", "/sys/kernel/tracing");
  mount_at("cgroup2", "/sys/fs/cgroup");
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) perror("lo");
  close(fd);
}

/// Exit status, or 128 and the signal. Orphans are reaped too.
static int run(const char* program) {
  const pid_t child = fork();
  if (child == 0) {
    execl(program, program, (char*)NULL);
    perror(program);
    _exit(127);
  }
  int status = 0;
  pid_t ended = 0;
  while (ended != child && (ended = wait(&status)) > 0) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char** argv) {
  mount_all();
  raise_loopback();
  setenv("PATH", "/usr/bin", 1);
  struct utsname name;
  uname(&name);
  printf("guest: Linux %s %s, %ld CPUs\n", name.release, name.machine,
         sysconf(_SC_NPROCESSORS_ONLN));
  for (int i = 1; i < argc; i++) {
    printf("guest: begin %s\n", argv[i]);
    fflush(stdout);
    const int status = run(argv[i]);
    printf("guest: end %s %d\n", argv[i], status);
  }
  fflush(stdout);
  sync();
  reboot(RB_AUTOBOOT);
  return 1;
}
