import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { alternate, type Contender, median, medianRatio } from "./alternate.js";
import type { BenchOptions } from "./bench_options.js";
import { type DecodeLog, longArgumentsLog, ordinaryLog, sampleLog } from "./decode_logs.js";
import { figure, markdownTable, times } from "./markdown_table.js";
import {
  isInstalled,
  numberOf,
  programPath,
  runProgram,
  secondsOfCommand,
} from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";

const madeBytes = 100e6;
const longBytes = 50e6;
const ownName = "auditql";
const decoderNames = [ownName, "libauparse", "ausearch --format csv", "laurel"];

/** Records a second of auditql and of other decoders, each on one thread, log by log. */
export async function benchDecode(options: BenchOptions): Promise<void> {
  console.log("\n## decode\n");
  for (const [program, what] of [
    ["ausearch", "apt install auditd"],
    ["laurel", "apt install laurel"],
  ] as const) {
    if (!isInstalled(program)) console.log(`${program} is not installed, left out (${what})\n`);
  }
  if (programPath("auparse_log") === null) {
    console.log("libauparse is not installed, left out (apt install libauparse-dev)\n");
  }
  await withScratchDirectory(async (directory) => {
    const sample = sampleLog(directory);
    if (sample === null) console.log("no recorded sample: AUDITQL_CORPUS does not name a corpus\n");
    else await compareDecoders(sample, directory, options.rounds);
    await compareDecoders(
      ordinaryLog(directory, madeBytes),
      directory,
      Math.min(options.rounds, 3),
    );
    await compareDecoders(
      longArgumentsLog(directory, longBytes),
      directory,
      Math.min(options.rounds, 3),
    );
  });
}

async function compareDecoders(log: DecodeLog, directory: string, rounds: number): Promise<void> {
  const records = readFileSync(log.path).reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 0);
  const contenders = decoderNames.flatMap((name): Contender[] => {
    const measure = decoderOf(name, log, directory);
    return measure === null ? [] : [{ name, measure }];
  });
  const seconds = await alternate(contenders, rounds);
  const ours = seconds.get(ownName) ?? [];
  const rows = [...seconds].map(([name, taken]) => [
    name,
    figure(records / median(taken)),
    figure(log.bytes / 1e6 / median(taken)),
    name === ownName ? "" : times(medianRatio(taken, ours)),
  ]);
  console.log(`${log.title}, ${records.toLocaleString("en-US")} records\n`);
  console.log(`${markdownTable(["", "records/s", "MB/s", "auditql is faster"], rows)}\n`);
}

/** Seconds of one pass over the log; null where the decoder is not installed. */
function decoderOf(
  name: string,
  log: DecodeLog,
  directory: string,
): (() => Promise<number>) | null {
  switch (name) {
    case ownName:
      return () => secondsOfProgram("decode_log", log);
    case "libauparse":
      return programPath("auparse_log") === null
        ? null
        : () => secondsOfProgram("auparse_log", log);
    case "laurel":
      return isInstalled("laurel") ? () => secondsOfLaurel(log, directory) : null;
    default:
      if (!isInstalled("ausearch")) return null;
      return () => secondsOfCommand(["ausearch", "--input", log.path, "--format", "csv"]);
  }
}

async function secondsOfProgram(program: string, log: DecodeLog): Promise<number> {
  const [printed = {}] = await runProgram(program, [log.path]);
  return numberOf(printed, "seconds");
}

/** With its defaults, writing to a log file as it always does. */
async function secondsOfLaurel(log: DecodeLog, directory: string): Promise<number> {
  const home = join(directory, "laurel");
  mkdirSync(home);
  const config = join(home, "laurel.toml");
  writeFileSync(
    config,
    `directory = ${JSON.stringify(home)}\nuser = ${JSON.stringify(userInfo().username)}\n` +
      '[auditlog]\nfile = "audit.log"\nsize = 1000000000\ngenerations = 1\n',
  );
  const input = openSync(log.path, "r");
  const seconds = await secondsOfCommand(["laurel", "-c", config], input);
  closeSync(input);
  rmSync(home, { recursive: true });
  return seconds;
}
