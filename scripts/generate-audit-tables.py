#!/usr/bin/env python3
"""Writes addon/decode/generated/audit_tables.cc: names of audit record types, syscalls, errnos,
socket families and signals, as the C preprocessor sees them in installed headers.

    scripts/generate-audit-tables.py [--cross DIR] [--check]

--cross DIR  where <triplet>/include of the foreign machines lies (default /usr, where Debian's
             linux-libc-dev-{arm64,armhf,riscv64,ppc64el,s390x}-cross packages put it).
--check      writes nothing; exits 1 when the committed file is stale.
"""
import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "addon/decode/generated/audit_tables.cc"

# name of the table: (triplet below --cross, or None for this host; header; preprocessor options)
MACHINES = {
    "x86_64": (None, "asm/unistd_64.h", []),
    "i386": (None, "asm/unistd_32.h", []),
    "x32": (None, "asm/unistd_x32.h", []),
    "aarch64": ("aarch64-linux-gnu", "asm/unistd.h", ["-U__x86_64__", "-D__aarch64__"]),
    "arm": ("arm-linux-gnueabihf", "asm/unistd.h", ["-U__x86_64__", "-D__ARM_EABI__"]),
    "riscv64": ("riscv64-linux-gnu", "asm/unistd.h", ["-U__x86_64__", "-D__riscv_xlen=64", "-D__LP64__"]),
    "ppc64le": ("powerpc64le-linux-gnu", "asm/unistd_64.h", ["-U__x86_64__"]),
    "s390x": ("s390x-linux-gnu", "asm/unistd_64.h", ["-U__x86_64__"]),
}
X32_SYSCALL_BIT = 0x40000000

# Newer than the headers of current distributions; the numbers are the same on every machine since
# Linux 5.1 (Documentation/process/adding-syscalls.rst, scripts/syscall.tbl).
NEWER_SYSCALLS = {
    451: "cachestat", 452: "fchmodat2", 453: "map_shadow_stack", 454: "futex_wake",
    455: "futex_wait", 456: "futex_requeue", 457: "statmount", 458: "listmount",
    459: "lsm_get_self_attr", 460: "lsm_set_self_attr", 461: "lsm_list_modules", 462: "mseal",
    463: "setxattrat", 464: "getxattrat", 465: "listxattrat", 466: "removexattrat",
    467: "open_tree_attr", 468: "file_getattr", 469: "file_setattr",
}
# arch/x86/entry/syscalls/syscall_64.tbl of Linux 6.11 and 6.18; arch/riscv: riscv_hwprobe of 6.4.
NEWER_BY_MACHINE = {
    "x86_64": {335: "uretprobe", 336: "uprobe"},
    "riscv64": {258: "riscv_hwprobe"},
}
# include/uapi/linux/audit.h of Linux 6.17, newer than the headers of current distributions.
NEWER_RECORD_TYPES = {
    1334: "BPF", 1335: "EVENT_LISTENER", 1336: "URINGOP", 1337: "OPENAT2", 1338: "DM_CTRL",
    1339: "DM_EVENT", 1418: "MAC_CALIPSO_ADD", 1419: "MAC_CALIPSO_DEL", 1420: "IPE_ACCESS",
    1421: "IPE_CONFIG_CHANGE", 1422: "IPE_POLICY_LOAD", 1423: "LANDLOCK_ACCESS",
    1424: "LANDLOCK_DOMAIN", 1425: "MAC_TASK_CONTEXTS", 1426: "MAC_OBJ_CONTEXTS",
    1806: "INTEGRITY_EVM_XATTR", 1807: "INTEGRITY_POLICY_RULE",
}
# What auditd writes where it is not the macro's name (lib/msg_typetab.h of audit-userspace), and
# types of kernels that are gone but whose logs are not.
RENAMED_RECORD_TYPES = {"AA": "APPARMOR"}
OLD_RECORD_TYPES = {1301: "FS_WATCH", 1308: "FS_INODE"}
NOT_RECORD_TYPES = re.compile(r"^AUDIT_(FIRST_|LAST_|INTEGRITY_LAST_MSG$)")
# The kernel's own macro where two share a number.
ALIASES = {
    "EWOULDBLOCK", "EDEADLOCK", "ENOTSUP", "SIGIOT", "SIGPOLL", "SIGCLD", "SIGUNUSED",
    "AF_LOCAL", "AF_FILE", "AF_ROUTE", "AF_MAX",
}


def macros(header, include=None, options=()):
    """Every object-like macro that is defined after including the header."""
    command = ["gcc", "-E", "-dM", "-xc", *options, "-"]
    if include:
        command[1:1] = ["-nostdinc", f"-I{include}"]
    text = subprocess.run(command, input=f"#include <{header}>\n", text=True, check=True,
                          capture_output=True).stdout
    return dict(re.findall(r"^#define (\w+) (.+)$", text, re.M))


def number_of(value, known, depth=0):
    """The number a macro stands for, or None; follows other macros and one sum."""
    value = value.strip().strip("()")
    if depth > 8:
        return None
    if re.fullmatch(r"(0x[0-9a-fA-F]+|\d+)[uUlL]*", value):
        return int(value.rstrip("uUlL"), 0)
    if "+" in value:
        parts = [number_of(part, known, depth + 1) for part in value.split("+")]
        return None if None in parts else sum(parts)
    return number_of(known[value], known, depth + 1) if value in known else None


def names(known, prefix, keep):
    table = {}
    for macro, value in known.items():
        if not macro.startswith(prefix) or macro in ALIASES:
            continue
        number = number_of(value, known)
        if number is not None and keep(macro, number):
            table[number] = macro
    return table


def syscalls(machine, cross):
    triplet, header, options = MACHINES[machine]
    include = None
    if triplet:
        include = pathlib.Path(cross) / triplet / "include"
        if not include.is_dir():
            sys.exit(f"{include} is not there: install linux-libc-dev-*-cross, or give --cross")
    known = macros(header, include, options)
    known["__X32_SYSCALL_BIT"] = "0"
    known["__NR_SYSCALL_BASE"] = known.get("__NR_SYSCALL_BASE", "0")
    table = {}
    for prefix in ("__NR_", "__ARM_NR_"):
        for number, macro in names(known, prefix, lambda m, n: not m.endswith("_BASE")).items():
            if not macro.startswith(("__NR_SYSCALL", "__NR_syscalls", "__NR_arch_specific", "__NR_OABI")):
                table[number & ~X32_SYSCALL_BIT] = macro.removeprefix(prefix).removeprefix("3264_")
    newer = NEWER_SYSCALLS | NEWER_BY_MACHINE.get(machine, {})
    return {**newer, **table}


def record_types():
    # 1007..1099 are commands to the kernel, never in a log.
    found = names(macros("libaudit.h"), "AUDIT_", lambda macro, number:
                  not NOT_RECORD_TYPES.match(macro) and (number in (1005, 1006) or 1100 <= number <= 2999))
    table = {number: macro.removeprefix("AUDIT_") for number, macro in found.items()}
    table = {number: RENAMED_RECORD_TYPES.get(name, name) for number, name in table.items()}
    return {**NEWER_RECORD_TYPES, **OLD_RECORD_TYPES, **table}


def tables(cross):
    yield "record_type", record_types()
    for machine in MACHINES:
        yield f"{machine}_syscall", syscalls(machine, cross)
    yield "errno", names(macros("errno.h"), "E", lambda m, n: re.fullmatch(r"E[0-9A-Z]+", m))
    yield "signal", names(macros("signal.h"), "SIG", lambda m, n: re.fullmatch(r"SIG[A-Z0-9]+", m) and 0 < n < 32)
    yield "socket_family", {number: name.removeprefix("AF_").lower() for number, name in
                     names(macros("sys/socket.h"), "AF_", lambda m, n: True).items()}


def generated(cross):
    lines = [
        "// Generated by scripts/generate-audit-tables.py from installed headers. Do not edit.",
        '#include "audit_tables.h"', "", "namespace auditql::audit_tables {", "namespace {", ""]
    accessors = []
    for name, table in tables(cross):
        lines.append(f"constexpr NumberedName k_{name}[] = {{")
        lines += [f'    {{{number}, "{table[number]}"}},' for number in sorted(table)]
        lines += ["};", ""]
        plural = name[:-1] + "ies" if name.endswith("y") else name + "s"
        accessors.append(f"std::span<const NumberedName> {plural}() {{ return k_{name}; }}")
        print(f"{name}: {len(table)}", file=sys.stderr)
    return "\n".join([*lines, "}  // namespace", "", *accessors, "", "}  // namespace auditql::audit_tables", ""])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--cross", default="/usr")
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    text = generated(options.cross)
    if options.check:
        sys.exit(0 if OUTPUT.read_text() == text else f"{OUTPUT} is stale")
    OUTPUT.write_text(text)


main()
