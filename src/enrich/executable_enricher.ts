import { LRUCache } from "lru-cache";
import type { EnrichmentRow, ExecutableRequest } from "../native/enrichment_store.js";
import type { HashOutcome } from "./file_hasher.js";
import type { OwnerPackage } from "./package_path_index.js";
import type { StoredExecutable } from "./stored_executable.js";

export interface ExecutableEnricherOptions {
  /** Null where no digest is wanted. */
  readonly hash: (request: ExecutableRequest) => Promise<HashOutcome | null>;
  readonly ownerOf: (request: ExecutableRequest) => Promise<OwnerPackage | null>;
  readonly cacheEntries: number;
  /** eid of the oldest row of `executables` that is stored. */
  readonly firstEid: () => number;
  /** Gives the eid. */
  readonly store: (row: EnrichmentRow) => number;
}

/** What is stored of a file, apart from what names its state. */
interface FileDetails {
  readonly timeNs: bigint;
  readonly isByProcess: boolean;
  readonly outcome: HashOutcome | null;
  readonly owner: OwnerPackage | null;
}

interface Known {
  /** Of the state that the file had; in another state it is a new executable. */
  readonly id: Buffer;
  readonly details: FileDetails;
  readonly eid: number;
  /** Whether the owner was looked up since the start. */
  readonly isOwnerKnown: boolean;
}

/** Finds out what there is to know of an executed file, and stores it once per state and path. */
export class ExecutableEnricher {
  readonly #options: ExecutableEnricherOptions;
  /** By path. */
  readonly #known: LRUCache<string, Known>;

  constructor(options: ExecutableEnricherOptions) {
    this.#options = options;
    this.#known = new LRUCache({ max: options.cacheEntries });
  }

  /** Takes over what was stored before the start, oldest first: these files are not read again. */
  remember(stored: readonly StoredExecutable[]): void {
    for (const { id, path, eid, timeNs, isByProcess, digests, owner } of stored) {
      const outcome = digests === null ? null : ({ status: "hashed", digests } as const);
      const details = { timeNs, isByProcess, outcome, owner };
      this.#known.set(keyOf(path), { id, eid, details, isOwnerKnown: false });
    }
  }

  async answer(
    request: ExecutableRequest,
  ): Promise<HashOutcome["status"] | "cached" | "not_hashed"> {
    const { hash, ownerOf } = this.#options;
    const known = this.#known.get(keyOf(request.path));
    if (known?.id.equals(request.id)) {
      await this.#renew(request, known);
      return "cached";
    }
    const outcome = await hash(request);
    const { timeNs, byProcess: isByProcess } = request;
    this.#store(request, { timeNs, isByProcess, outcome, owner: await ownerOf(request) });
    return outcome?.status ?? "not_hashed";
  }

  async #renew(request: ExecutableRequest, known: Known): Promise<void> {
    const { ownerOf, firstEid } = this.#options;
    const { details, isOwnerKnown } = known;
    // While nobody looked, a package may have come that owns the very same file.
    const owner = isOwnerKnown ? details.owner : await ownerOf(request);
    // A row that was dropped is needed again by the events that come now.
    if (known.eid < firstEid() || !isSame(owner, details.owner)) {
      this.#store(request, { ...details, owner });
    } else if (!isOwnerKnown) {
      this.#known.set(keyOf(request.path), { ...known, isOwnerKnown: true });
    }
  }

  #store(request: ExecutableRequest, details: FileDetails): void {
    const eid = this.#options.store(rowOf(request, details));
    this.#known.set(keyOf(request.path), {
      id: request.id,
      details,
      eid,
      isOwnerKnown: true,
    });
  }
}

const keyOf = (path: Buffer) => path.toString("latin1");

function isSame(a: OwnerPackage | null, b: OwnerPackage | null): boolean {
  return a?.name === b?.name && a?.version === b?.version && a?.type === b?.type;
}

function rowOf(request: ExecutableRequest, details: FileDetails): EnrichmentRow {
  const { outcome, owner } = details;
  return {
    ntime: details.timeNs,
    executable_id: request.id,
    path: request.path,
    device: request.device,
    inode: request.inode,
    size: request.size,
    mtime_ns: request.mtimeNs,
    ctime_ns: request.ctimeNs,
    opened_by: details.isByProcess ? "process" : "path",
    exe_hash_status: outcome?.status ?? null,
    ...(outcome?.status === "hashed" ? outcome.digests : {}),
    package_name: owner?.name ?? null,
    package_version: owner?.version ?? null,
    package_type: owner?.type ?? null,
  };
}
