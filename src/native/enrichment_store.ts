/** An executed file that is asked about for the first time in this state. */
export interface ExecutableRequest {
  /** 16 bytes: `executable_id` of its rows. */
  readonly id: Buffer;
  /** Byte for byte, as the process sees it. */
  readonly path: Buffer;
  /** major:minor */
  readonly device: string;
  readonly inode: bigint;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** When it was executed, nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** It was reached through the process that runs it, not by its path. */
  readonly byProcess: boolean;
  /** Descriptor (O_PATH) of the file, for the taker to close; null where it was gone already. */
  readonly heldFd: number | null;
}

/** A container that is asked about for the first time. */
export interface ContainerRequest {
  readonly id: string;
  /** As its cgroup tells; empty where it does not. */
  readonly runtime: string;
  readonly podUid: string;
  readonly timeNs: bigint;
}

/** Cells of a fact table by column; texts may be given as bytes. */
export type EnrichmentRow = Readonly<Record<string, string | number | bigint | Buffer | null>>;

/** Questions about events, and where the answers go. */
export interface EnrichmentStore {
  /** Takes the oldest questions; none is given twice. */
  takeExecutables(limit: number): readonly ExecutableRequest[];
  takeContainers(limit: number): readonly ContainerRequest[];
  /** `callback` is called on this thread when there are questions, and not again before some were
   * taken. It does not keep the process alive. */
  onQuestions(callback: () => void): void;
  /** Appends a row to `executables` or `containers` and gives its eid; 0 when it was dropped. */
  storeFact(table: "executables" | "containers", row: EnrichmentRow): number;
}
