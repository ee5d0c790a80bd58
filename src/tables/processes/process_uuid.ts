import type { Host } from "../host.js";

// The same value as addon/identity/uuid.cc computes for events; docs/use/process-identity.md describes it.
const mask64 = (1n << 64n) - 1n;
const key0 = 0x6c71746964756124n;
const key1 = 0x8f3a91c2d45be617n;
const pidBits = 22n;
const tickMask = (1n << 36n) - 1n;

const rotate = (word: bigint, bits: bigint): bigint =>
  ((word << bits) | (word >> (64n - bits))) & mask64;

const sum = (left: bigint, right: bigint): bigint => (left + right) & mask64;

type SipState = readonly [bigint, bigint, bigint, bigint];

function sipRound([a, b, c, d]: SipState): SipState {
  const v0 = sum(a, b);
  const v1 = rotate(b, 13n) ^ v0;
  const v2 = sum(c, d);
  const v3 = rotate(d, 16n) ^ v2;
  const w2 = sum(v2, v1);
  const w0 = sum(rotate(v0, 32n), v3);
  return [w0, rotate(v1, 17n) ^ w2, rotate(w2, 32n), rotate(v3, 21n) ^ w0];
}

function absorb([v0, v1, v2, v3]: SipState, word: bigint): SipState {
  const [w0, w1, w2, w3] = sipRound(sipRound([v0, v1, v2, v3 ^ word]));
  return [w0 ^ word, w1, w2, w3];
}

/** SipHash-2-4 of the text of a boot id. */
function bootHash(bootId: string): bigint {
  const bytes = Buffer.from(bootId, "latin1");
  const padded = Buffer.alloc(Math.floor(bytes.length / 8) * 8 + 8);
  bytes.copy(padded);
  padded[padded.length - 1] = bytes.length & 0xff;
  let state: SipState = [
    key0 ^ 0x736f6d6570736575n,
    key1 ^ 0x646f72616e646f6dn,
    key0 ^ 0x6c7967656e657261n,
    key1 ^ 0x7465646279746573n,
  ];
  for (let at = 0; at < padded.length; at += 8) state = absorb(state, padded.readBigUInt64LE(at));
  const [v0, v1, v2, v3] = state;
  const last = [1, 2, 3, 4].reduce<SipState>(sipRound, [v0, v1, v2 ^ 0xffn, v3]);
  return last[0] ^ last[1] ^ last[2] ^ last[3];
}

/** Gives the process_uuid of processes of one boot. */
export type ProcessUuids = (pid: number, startTicks: number) => string;

/** UUIDs of the processes of the boot with this id. */
export function processUuidsOf(bootId: string): ProcessUuids {
  const hash = bootHash(bootId);
  const high = (hash & ~0xffffn) | (8n << 12n) | ((hash >> 4n) & 0xfffn);
  const bootBits = (2n << 62n) | ((hash & 0xfn) << 58n);
  return (pid, startTicks) => {
    const low = bootBits | ((BigInt(startTicks) & tickMask) << pidBits) | BigInt(pid);
    const hex = ((high << 64n) | low).toString(16).padStart(32, "0");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
}

/** UUIDs of the host's processes; null when its boot id cannot be read. */
export function hostProcessUuids(host: Host): ProcessUuids | null {
  const bootId = host.readText("/proc/sys/kernel/random/boot_id")?.trim();
  return bootId === undefined ? null : processUuidsOf(bootId);
}
