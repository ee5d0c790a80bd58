import type { Readable, Writable } from "node:stream";
import type { Flag } from "../config/flags.js";
import type { ErrorCode } from "../errors.js";

/** What a command has of the process that it runs in. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of auditql. */
  readonly version: string;
}

/** Declaration of one option; its name is its key. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What stands for the value in the help, e.g. `FILE`. */
  readonly value?: string;
  readonly description: string;
  /** The values it takes. */
  readonly choices?: readonly string[];
  /** May be given more than once. */
  readonly isMultiple?: boolean;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Values of options: `false`, `undefined` or `[]` where one is not given. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K]["type"] extends "boolean"
    ? boolean
    : O[K]["isMultiple"] extends true
      ? readonly string[]
      : string | undefined;
};

/** What the user typed, understood. */
export interface Invocation<O extends OptionSpecs> {
  readonly options: OptionValues<O>;
  /** Arguments that are not options. */
  readonly operands: readonly string[];
  readonly io: CommandIo;
}

/** Everything that `--help` shows of a subcommand. */
interface CommandManual {
  /** One word or more: `query`, `config check`. */
  readonly name: string;
  /** One line without a final full stop. */
  readonly summary: string;
  /** Operands in the synopsis: `[SQL]`. Empty: the command takes none. */
  readonly operands: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly options: OptionSpecs;
  /** Errors that a user may meet; their exit statuses are listed. */
  readonly errors: readonly ErrorCode[];
  /** Flags that it reads itself. */
  readonly flags?: readonly Pick<Flag, "name" | "kind" | "default" | "description">[];
  readonly examples: readonly { readonly command: string; readonly effect: string }[];
  /** Arguments are handed over as they are, but for --help: the command reads them itself. */
  readonly hasOwnOptions: boolean;
}

/** A subcommand: one file each, listed in all.ts. */
export interface Command extends CommandManual {
  /** Answers with the exit status; an AuditqlError is reported by the caller. */
  readonly run: (invocation: Invocation<OptionSpecs>) => Promise<number>;
}

type Declaration<O extends OptionSpecs> = Omit<CommandManual, "options" | "hasOwnOptions"> & {
  readonly options: O;
  readonly hasOwnOptions?: boolean;
  readonly run: (invocation: Invocation<O>) => Promise<number>;
};

/** Declares a subcommand. `run` sees its options by name and type. */
export function defineCommand<const O extends OptionSpecs>(declaration: Declaration<O>): Command {
  return {
    ...declaration,
    hasOwnOptions: declaration.hasOwnOptions ?? false,
    // parseArguments() fills in the values by these same specs, which is what makes the cast true.
    run: (invocation) => declaration.run(invocation as Invocation<O>),
  };
}
