import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { listAt, stringsAt } from "../sources/json_file.js";
import { dockerGet, requestedIds } from "./docker_api.js";

// Docker splits the lines of ps(1) at blanks and joins what is left over into the last field, so
// names with blanks must not stand before others: comm is taken from the process itself.
const fields = [
  ..."pid state uid gid euid egid suid sgid rss vsz etimes ppid pgrp nlwp nice user time pcpu".split(
    " ",
  ),
  "pmem",
  "args",
];
const kibibyte = 1024;

type Row = TableRows["docker_container_processes"];

function processRow(id: string, cells: readonly string[]): Row {
  const text = (field: string) => cells[fields.indexOf(field)] ?? null;
  const number = (field: string) => Number(text(field));
  return {
    id,
    pid: number("pid"),
    state: text("state"),
    uid: number("uid"),
    gid: number("gid"),
    euid: number("euid"),
    egid: number("egid"),
    suid: number("suid"),
    sgid: number("sgid"),
    wired_size: 0,
    resident_size: number("rss") * kibibyte,
    total_size: number("vsz") * kibibyte,
    start_time: number("etimes"),
    parent: number("ppid"),
    pgroup: number("pgrp"),
    threads: number("nlwp"),
    nice: number("nice"),
    user: text("user"),
    time: text("time"),
    cpu: number("pcpu"),
    mem: number("pmem"),
    cmdline: text("args"),
  };
}

export const dockerContainerProcesses = defineTable("docker_container_processes", {
  *generate(request, host) {
    const options = encodeURIComponent(`-ewwo ${fields.join(",")}`);
    for (const id of requestedIds(request) ?? []) {
      const answer = dockerGet(host, `/containers/${id}/top?ps_args=${options}`);
      for (const process of listAt(answer, "Processes")) {
        const cells = stringsAt(process);
        if (cells.length !== fields.length) continue;
        const row = processRow(id, cells);
        yield { ...row, name: host.readText(`/proc/${row.pid}/comm`)?.trimEnd() ?? null };
      }
    }
  },
});
