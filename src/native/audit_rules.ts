/** A line of a rules file that something is wrong with, or that the kernel refused. */
export interface RuleProblem {
  readonly line: number;
  readonly message: string;
}

/** An audit rule of the kernel. */
export interface KernelRule {
  /** As `auditctl -l` prints it. */
  readonly text: string;
  /** `struct audit_rule_data`. */
  readonly bytes: Uint8Array;
}

/** What a rules file says, in order. */
export interface CompiledRules {
  readonly commands: readonly {
    readonly line: number;
    readonly text: string;
    /** `struct audit_rule_data`; null for commands that are about no rule. */
    readonly bytes: Uint8Array | null;
  }[];
  readonly errors: readonly RuleProblem[];
  readonly warnings: readonly RuleProblem[];
  /** Lines that are commands here, but that `auditctl -R` refuses. */
  readonly refused: readonly RuleProblem[];
}

/** What loading a rules file did. */
export interface LoadedRules {
  readonly added: number;
  readonly deleted: number;
  readonly alreadyPresent: number;
  /** Of lines that -i or -c let pass. */
  readonly failures: readonly RuleProblem[];
}
