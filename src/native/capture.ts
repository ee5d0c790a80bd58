import type { FileCategory, PublishConfig } from "../config/config.js";

/** What became of a request to capture. */
export interface CaptureStatus {
  /** Backend that runs; null when none does. */
  readonly backend: string | null;
  /** Why each other backend does not run, and what to do about it. */
  readonly unavailable: readonly {
    readonly backend: string;
    readonly reason: string;
    readonly remedy: string;
  }[];
}

/** Files that are watched together: their patterns alone. */
export type WatchedCategory = Omit<FileCategory, "queries">;

/** A file of YARA rules. */
export interface SignatureSource {
  readonly name: string;
  readonly text: string;
}

/** YARA rules for the files of a category. */
export interface CategorySignatures {
  readonly category: string;
  readonly sources: readonly SignatureSource[];
}

/** What is found out about watched files that changed. */
export interface FileEventOptions {
  readonly signatures: readonly CategorySignatures[];
  /** Larger files are not hashed. */
  readonly maxHashBytes: number;
}

/** PublishConfig with the results of its queries and the text of its files. */
export interface PublishOptions extends Omit<PublishConfig, "categories" | "fileEvents"> {
  readonly categories: readonly WatchedCategory[];
  readonly fileEvents: FileEventOptions | null;
}

/** A rule or exclusion that the capture does not take. */
export interface CaptureProblem {
  readonly severity: "error" | "warning";
  /** Of CaptureConfig. */
  readonly list: "rules" | "exclude";
  readonly index: number;
  readonly message: string;
}

/** Why the rows of a table do not come, or not all of them. */
export interface SourceProblem {
  readonly table: string;
  readonly message: string;
}
