import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A log to decode. */
export interface DecodeLog {
  readonly title: string;
  readonly path: string;
  readonly bytes: number;
}

/** The recorded sample, where the corpus is there. */
export function sampleLog(directory: string): DecodeLog | null {
  const corpus = process.env["AUDITQL_CORPUS"] ?? join("..", "shared", "corpus");
  const packed = join(corpus, "live", "sample-10MB.log.gz");
  if (!existsSync(packed)) return null;
  const log = gunzipSync(readFileSync(packed));
  const path = join(directory, "sample.log");
  writeFileSync(path, log);
  return { title: "recorded, 10 MB", path, bytes: log.length };
}

/** Executions and connections in turn, as a busy host logs them. */
export function ordinaryLog(directory: string, bytes: number): DecodeLog {
  return writeLog(join(directory, "ordinary.log"), { title: "made", bytes }, ordinaryEvent);
}

/** Executions with 150 arguments each, half of them hexadecimal as those with blanks are. */
export function longArgumentsLog(directory: string, bytes: number): DecodeLog {
  const log = { title: "long arguments", bytes };
  return writeLog(join(directory, "arguments.log"), log, longArgumentsEvent);
}

interface WantedLog {
  readonly title: string;
  readonly bytes: number;
}

function writeLog(path: string, wanted: WantedLog, event: (n: number) => string): DecodeLog {
  const file = openSync(path, "w");
  let written = 0;
  for (let n = 0; written < wanted.bytes; ) {
    let part = "";
    while (part.length < 1 << 20) part += event(n++);
    written += writeSync(file, part);
  }
  closeSync(file);
  const title = `${wanted.title}, ${Math.round(written / 1e6)} MB`;
  return { title, path, bytes: written };
}

const nowS = 1_763_712_000;
const hex = (text: string) => Buffer.from(text).toString("hex").toUpperCase();

function recordHead(type: string, n: number): string {
  const time = `${nowS + Math.floor(n / 5000)}.${String(n % 1000).padStart(3, "0")}`;
  return `type=${type} msg=audit(${time}:${1_000_000 + n}): `;
}

function syscallRecord(n: number, call: string): string {
  const pid = 1000 + (n % 30_000);
  return (
    `${recordHead("SYSCALL", n)}arch=c000003e ${call} ppid=${pid - 7} pid=${pid} auid=1000 uid=1000` +
    " gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts3 ses=7" +
    ` comm="program-${n % 400}" exe="/usr/lib/package-${n % 60}/bin/program-${n % 400}" key="auditql"\n`
  );
}

function pathRecord(n: number, item: number, name: string): string {
  return (
    `${recordHead("PATH", n)}item=${item} name="${name}" inode=${260_000 + (n % 5000)} dev=fe:00` +
    " mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0" +
    " cap_frootid=0\n"
  );
}

function executionEvent(n: number, execve: string): string {
  const program = `/usr/lib/package-${n % 60}/bin/program-${n % 400}`;
  return (
    syscallRecord(
      n,
      "syscall=59 success=yes exit=0 a0=55a3ea390320 a1=55a3ea3915f0 a2=55a3ea38eca0 a3=8 items=2",
    ) +
    execve +
    `${recordHead("CWD", n)}cwd="/home/builder/work/tree-${n % 90}"\n` +
    pathRecord(n, 0, program) +
    pathRecord(n, 1, "/lib64/ld-linux-x86-64.so.2") +
    `${recordHead("PROCTITLE", n)}proctitle=${hex(`${program}\0-c\0-O2\0object-${n}.o`)}\n` +
    `${recordHead("EOE", n)}\n`
  );
}

function ordinaryEvent(n: number): string {
  if (n % 3 === 2) return connectionEvent(n);
  return executionEvent(
    n,
    `${recordHead("EXECVE", n)}argc=6 a0="program-${n % 400}" a1="-c" a2="-O2" a3="-o"` +
      ` a4="/tmp/build/object-${n}.o" a5=${hex(`a file ${n}.c`)}\n`,
  );
}

function connectionEvent(n: number): string {
  const address = `0200${(1024 + (n % 50_000)).toString(16).padStart(4, "0")}0A00${(n % 65_536)
    .toString(16)
    .padStart(4, "0")}0000000000000000`.toUpperCase();
  return (
    syscallRecord(n, "syscall=42 success=no exit=-115 a0=3 a1=7ffc94c54550 a2=10 a3=0 items=0") +
    `${recordHead("SOCKADDR", n)}saddr=${address}\n` +
    `${recordHead("PROCTITLE", n)}proctitle=${hex(`program-${n % 400}\0--connect`)}\n` +
    `${recordHead("EOE", n)}\n`
  );
}

function longArgumentsEvent(n: number): string {
  let fields = `${recordHead("EXECVE", n)}argc=150`;
  for (let i = 0; i < 150; i++) {
    const argument = `--include=/home/builder/work/tree-${n % 90}/module-${i}/generated/headers-${n}`;
    const value = i % 2 === 0 ? `"${argument}"` : hex(`${argument} with blanks`);
    // The kernel goes on in another record where one would pass 7,500 bytes.
    if (i % 50 === 49) fields += `\n${recordHead("EXECVE", n).trimEnd()}`;
    fields += ` a${i}=${value}`;
  }
  return executionEvent(n, `${fields}\n`);
}
