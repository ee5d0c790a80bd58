import type { Config, FileCategory } from "../config/config.js";
import { readUserFile } from "../config/user_file.js";
import { messageOf } from "../errors.js";
import type { PublishOptions } from "../native/capture.js";
import { collectRows } from "../schedule/collect_rows.js";
import type { QueryRunner } from "../sql/query.js";
import { fileReason } from "../util/file_reason.js";

export interface PublishParts {
  readonly config: Config;
  readonly runner: QueryRunner;
  warn(message: string): void;
}

/** What the event sources get: with the paths that queries give, and the text of signatures. */
export async function publishOptions(parts: PublishParts): Promise<PublishOptions> {
  const { publish } = parts.config;
  const { fileEvents } = publish;
  const isWatching = fileEvents !== null || publish.processFileEvents;
  return {
    ...publish,
    categories: isWatching
      ? await Promise.all(publish.categories.map((category) => withQueriedPaths(category, parts)))
      : [],
    fileEvents: fileEvents && {
      maxHashBytes: fileEvents.maxHashBytes,
      signatures: fileEvents.signatures.map(({ category, files }) => ({
        category,
        sources: readSources(files, parts),
      })),
    },
  };
}

async function withQueriedPaths(
  { name, paths, queries, withAccesses }: FileCategory,
  { config, runner, warn }: PublishParts,
) {
  const found: string[] = [];
  for (const sql of queries) {
    try {
      const request = { sql, format: "ndjson", limits: config.schedule.limits } as const;
      const rows = await collectRows(runner, { ...request, name: `file_paths_query:${name}` });
      const given = rows.map(pathOf);
      if (given.includes(null))
        warn(`file_paths_query ${name}: result lacks the column "path": ${sql}`);
      found.push(...given.filter((path) => path !== null));
    } catch (error) {
      warn(`file_paths_query ${name}: ${messageOf(error)}`);
    }
  }
  return { name, paths: [...paths, ...found], withAccesses };
}

function pathOf(row: Buffer): string | null {
  const parsed: { readonly path?: unknown } = JSON.parse(row.toString());
  return typeof parsed.path === "string" ? parsed.path : null;
}

const maxSignatureBytes = 16 * 2 ** 20;

/** The text of a file of YARA rules; throws why it cannot be read. */
export function readSignatures(path: string): string {
  return readUserFile(path, { maxBytes: maxSignatureBytes }).toString();
}

function readSources(files: readonly string[], { warn }: PublishParts) {
  return files.flatMap((name) => {
    try {
      return [{ name, text: readSignatures(name) }];
    } catch (error) {
      warn(`yara: cannot read ${name}: ${fileReason(error)}`);
      return [];
    }
  });
}
