import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { displayLines } from "../client/display_text.js";
import type { Config } from "../config/config.js";
import { formatDiagnostic } from "../config/diagnostic.js";
import { loadConfig } from "../config/load_config.js";
import { errorCodes } from "../error_codes/all.js";
import { AuditqlError, messageOf } from "../errors.js";
import type { QueryRunner } from "../sql/query.js";
import { defineCommand } from "./define_command.js";
import { importReport, type Preparations, type PreparedQuery } from "./import_report.js";
import { withScratchSource } from "./scratch_source.js";

/** Names that osquery's packages give to its flagfile, the usual one first. */
const flagfiles = ["osquery.flags", "osquery.flags.default"];

export const configImportCommand = defineCommand({
  name: "config import",
  summary: "report how an osquery configuration works in auditql",
  operands: "[DIRECTORY]",
  description: [
    "Reads osquery.conf, osquery.conf.d, their packs and osquery.flags from a directory (default: /etc/osquery) and prepares every query. Prints the effect of each flag and query, and what does not work, with the reason. Nothing is written or changed: auditql uses these files unmodified.",
    "The exit status is 0 when every query for this host can run, else 78. 'auditql config check' checks more; use it in CI.",
  ],
  options: {},
  errors: ["config_broken"],
  examples: [
    { command: "auditql config import", effect: "Check /etc/osquery." },
    {
      command: "auditql config import /srv/fleet/osquery",
      effect: "Check the configuration in another directory.",
    },
  ],
  async run({ operands, io }) {
    const [directory = "/etc/osquery", ...rest] = operands;
    if (rest.length > 0) throw new AuditqlError("usage", "Expected at most one directory.");
    const flagfile =
      flagfiles.map((name) => join(directory, name)).find((file) => existsSync(file)) ?? null;
    const args = [
      `--config_path=${join(directory, "osquery.conf")}`,
      ...(flagfile === null ? [] : [`--flagfile=${flagfile}`]),
    ];
    const { config, problems, path } = loadConfig({ args });
    if (config === null) {
      const reasons = problems.map(formatDiagnostic).join("\n");
      throw new AuditqlError("config_broken", `Cannot use ${path}:\n${reasons}`);
    }
    const warnings: string[] = [];
    const onProblem = (message: string) => {
      warnings.push(message);
    };
    const preparations = await withScratchSource(
      path,
      ({ runner }) => prepareAll(runner, config, onProblem),
      { userTables: config.userTables, onProblem },
    );
    const all = [
      ...problems,
      ...warnings.map((message) => ({ severity: "warning" as const, message, position: null })),
    ];
    const facts = { config, problems: all, flagfile, hostname: hostname(), ...preparations };
    const { ok, text } = importReport(facts);
    io.stdout.write(`${displayLines(text)}\n`);
    return ok ? 0 : errorCodes.config_broken.exitCode;
  },
});

/** Prepares queries, the discovery of packs, and decorators, of which failing ones are told. */
async function prepareAll(
  runner: QueryRunner,
  { schedule }: Config,
  warn: (message: string) => void,
): Promise<Preparations> {
  const prepared = new Map<string, PreparedQuery>();
  const failedDiscovery = new Map<string, string>();
  for (const pack of schedule.packs) {
    for (const { name, sql } of pack.queries) {
      const query = await prepare(runner, sql);
      prepared.set(name, query);
      for (const reason of query.rejections) warn(`query ${name} fails at run time: ${reason}`);
    }
    for (const sql of pack.discovery) {
      const { error } = await prepare(runner, sql);
      if (error !== null) failedDiscovery.set(pack.name, error);
    }
  }
  const { load, always, interval } = schedule.decorators;
  for (const sql of [...load, ...always, ...interval.flatMap(({ queries }) => queries)]) {
    const { error } = await prepare(runner, sql);
    if (error !== null) warn(`decorator "${sql}" failed; no decoration added: ${error}`);
  }
  return { prepared, failedDiscovery };
}

async function prepare(runner: QueryRunner, sql: string): Promise<PreparedQuery> {
  try {
    const { eventTables, rejections } = await runner.inspect(sql);
    return { error: null, eventTables: [...new Set(eventTables)], rejections };
  } catch (error) {
    return { error: messageOf(error), eventTables: [], rejections: [] };
  }
}
