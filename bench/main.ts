// Measures auditql against what else there is, side by side in one run:
//   npm run bench -- [decode] [store] [sql] [control] [identity] [serve] [streaming] [capture] [enrich]
//     [overhead] [memory] [--rows N] [--rounds N] [--full] [--cpu] [--plot FILE]
//     [--shells N] [--connects N] [--peer NAME=START] [--storm SECONDS] [--events N]
import { messageOf } from "../src/errors.js";
import { type BenchOptions, readBenchOptions } from "./bench_options.js";
import { benchCapture } from "./capture_bench.js";
import { benchControl } from "./control_bench.js";
import { benchDecode } from "./decode_bench.js";
import { benchEnrich } from "./enrich_bench.js";
import { benchIdentity } from "./identity_bench.js";
import { buildPrograms } from "./native_programs.js";
import { benchMemory } from "./overhead/memory_bench.js";
import { benchOverhead } from "./overhead/overhead_bench.js";
import { benchServe } from "./serve_bench.js";
import { benchSql } from "./sql_bench.js";
import { benchStore } from "./store_bench.js";
import { benchStreaming } from "./streaming_bench.js";

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  decode: benchDecode,
  store: benchStore,
  sql: benchSql,
  control: benchControl,
  identity: benchIdentity,
  serve: benchServe,
  streaming: benchStreaming,
  capture: benchCapture,
  enrich: benchEnrich,
  overhead: benchOverhead,
  memory: benchMemory,
};

async function run(options: BenchOptions): Promise<void> {
  const names = options.names.length > 0 ? options.names : Object.keys(benches);
  buildPrograms();
  for (const name of names) await benches[name]?.(options);
}

try {
  const options = readBenchOptions(process.argv.slice(2));
  const unknown = options.names.filter((name) => benches[name] === undefined);
  if (unknown.length > 0) throw new Error(`no bench is named ${unknown.join(", ")}`);
  await run(options);
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
