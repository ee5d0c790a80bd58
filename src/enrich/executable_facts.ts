import { LRUCache } from "lru-cache";
import type { ExecutableRequest, FactRow } from "../native/addon.js";
import type { HashOutcome } from "./file_hasher.js";
import type { OwnerPackage } from "./path_owners.js";

export interface ExecutableFactsOptions {
  /** Null where no digest is wanted. */
  readonly hash: (request: ExecutableRequest) => Promise<HashOutcome | null>;
  readonly ownerOf: (request: ExecutableRequest) => Promise<OwnerPackage | null>;
  readonly cacheEntries: number;
  /** eid of the oldest row of `executables` that is stored. */
  readonly firstEid: () => number;
  /** Gives the eid. */
  readonly store: (row: FactRow) => number;
}

interface Known {
  /** Of the state that the file had; in another state it is a new executable. */
  readonly id: Buffer;
  readonly row: FactRow;
  readonly eid: number;
}

/** Finds out what there is to know of an executed file, and stores it once per state and path. */
export class ExecutableFacts {
  readonly #options: ExecutableFactsOptions;
  /** By path. */
  readonly #known: LRUCache<string, Known>;

  constructor(options: ExecutableFactsOptions) {
    this.#options = options;
    this.#known = new LRUCache({ max: options.cacheEntries });
  }

  async answer(
    request: ExecutableRequest,
  ): Promise<HashOutcome["status"] | "cached" | "not_hashed"> {
    const { hash, ownerOf, firstEid } = this.#options;
    const known = this.#known.get(keyOf(request));
    if (known?.id.equals(request.id)) {
      // A row that was dropped is needed again by the events that come now.
      if (known.eid < firstEid()) this.#store(request, known.row);
      return "cached";
    }
    const outcome = await hash(request);
    this.#store(request, rowOf(request, outcome, await ownerOf(request)));
    return outcome?.status ?? "not_hashed";
  }

  #store(request: ExecutableRequest, row: FactRow): void {
    const eid = this.#options.store(row);
    this.#known.set(keyOf(request), { id: request.id, row, eid });
  }
}

const keyOf = ({ path }: ExecutableRequest) => path.toString("latin1");

function rowOf(
  request: ExecutableRequest,
  outcome: HashOutcome | null,
  owner: OwnerPackage | null,
): FactRow {
  return {
    ntime: request.timeNs,
    executable_id: request.id,
    path: request.path,
    device: request.device,
    inode: request.inode,
    size: request.size,
    mtime_ns: request.mtimeNs,
    ctime_ns: request.ctimeNs,
    opened_by: request.byProcess ? "process" : "path",
    exe_hash_status: outcome?.status ?? null,
    ...(outcome?.status === "hashed" ? outcome.digests : {}),
    package_name: owner?.name ?? null,
    package_version: owner?.version ?? null,
    package_type: owner?.type ?? null,
  };
}
