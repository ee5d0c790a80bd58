/** Events that are not kept: those of which everything that is set here is true. */
export interface Exclusion {
  /** File that the process runs; `exePrefix`: how its path begins. */
  readonly exe?: string;
  readonly exePrefix?: string;
  /** File that the parent runs. */
  readonly parent?: string;
  /** Type in the SELinux label. */
  readonly subjectType?: string;
  readonly uid?: number;
  readonly auid?: number;
  /** Any of these. */
  readonly syscalls?: readonly string[];
}

/** What is captured and what is left out; can be changed while a capture runs. */
export interface CaptureRules {
  /** auditctl lines that are loaded in addition to auditql's own. */
  readonly extraRules: readonly string[];
  /** auditctl lines that are loaded before all others. */
  readonly excludeRules: readonly string[];
  /** Of these, what the kernel can test is loaded as rules too. */
  readonly exclusions: readonly Exclusion[];
  /** Patterns of names of arguments whose values are replaced before they are stored. */
  readonly redactArguments: readonly string[];
  /** Patterns of names of environment variables; without any to keep none is read. */
  readonly environment: { readonly keep: readonly string[]; readonly redact: readonly string[] };
}

export interface CaptureOptions extends CaptureRules {
  /** `auto` takes the first backend that works here; `none` captures nothing. */
  readonly backend: "auto" | "audit" | "proc-connector" | "none";
  readonly backlogLimit?: number;
  readonly backlogWaitTime?: number;
}

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

/** Sources of events besides the capture; null: off. */
export interface PublishOptions {
  /** Files that are watched. Paths and `excludes` are patterns as in osquery's file_paths. */
  readonly categories: readonly {
    readonly name: string;
    readonly paths: readonly string[];
    /** Reads and opens too. */
    readonly withAccesses: boolean;
  }[];
  readonly excludes: readonly string[];
  readonly fileEvents: {
    /** YARA rules for the files of a category, as text. */
    readonly signatures: readonly {
      readonly category: string;
      readonly sources: readonly { readonly name: string; readonly text: string }[];
    }[];
    /** Larger files are not hashed. */
    readonly maxHashBytes: number;
  } | null;
  /** Who touched the files, from the audit stream. */
  readonly processFileEvents: boolean;
  readonly syslog: {
    readonly pipePath: string;
    /** Lines in 200 ms; what is more waits in the pipe. 0: no limit. */
    readonly maxLinesPerTurn: number;
  } | null;
  readonly devices: {
    /** Kinds of devices that are left out, by a part of their name. */
    readonly disabledTypes: string;
  } | null;
}

/** A rule or exclusion that the capture does not take. */
export interface CaptureProblem {
  readonly severity: "error" | "warning";
  /** Of CaptureOptions. */
  readonly list: "extraRules" | "excludeRules" | "exclusions";
  readonly index: number;
  readonly message: string;
}

/** Why the rows of a table do not come, or not all of them. */
export interface SourceProblem {
  readonly table: string;
  readonly message: string;
}
