/** Records of one execve, as auditd writes them; `n` makes serial, pid and argument its own. */
export function execRecords(n: number): string {
  const id = `msg=audit(1700000000.${String(n % 1000).padStart(3, "0")}:${1000 + n})`;
  return `${[
    `type=SYSCALL ${id}: arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2 ppid=100 pid=${5000 + n} auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts0 ses=3 comm="echo" exe="/usr/bin/echo" key="auditql"`,
    `type=EXECVE ${id}: argc=2 a0="echo" a1="word-${n}"`,
    `type=CWD ${id}: cwd="/root"`,
    `type=PATH ${id}: item=0 name="/usr/bin/echo" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
    `type=PROCTITLE ${id}: proctitle=6563686F00`,
    `type=EOE ${id}: `,
  ].join("\n")}\n`;
}
