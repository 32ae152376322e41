// What pools say about their own price, read from their events alone: Uniswap v2 (Sync and Swap) and v3 (Swap) and all
// that copy them, virtual-token pools included.

import { logOf } from "../math/ratio.ts";
import type { Log } from "./BlockBundle.ts";
import { type Address, type Hex, wordAt } from "./Hex.ts";
import { topic } from "./KnownSignature.ts";

/** One move of a pool's spot price, as natural logarithms of token1 per token0 in smallest units. */
export interface PriceMove {
  readonly pool: Address;
  readonly logIndex: number;
  readonly before: number;
  readonly after: number;
}

/** The moves that `logs` (of one transaction, in order) tell of. Malformed events are passed over. */
export function priceMovesOf(logs: readonly Log[]): PriceMove[] {
  const reserves = new Map<Address, readonly [bigint, bigint]>();
  const moves: PriceMove[] = [];
  for (const log of logs) {
    const kind = log.topics[0];
    if (kind === topic.syncV2) noteReserves(log, reserves);
    const prices = kind === topic.swapV3 ? moveV3(log.data) : kind === topic.swapV2 ? moveV2(log, reserves) : undefined;
    if (prices !== undefined)
      moves.push({ pool: log.address, logIndex: log.index, before: prices[0], after: prices[1] });
  }
  return moves;
}

function noteReserves(log: Log, reserves: Map<Address, readonly [bigint, bigint]>): void {
  const [r0, r1] = [wordAt(log.data, 0), wordAt(log.data, 1)];
  if (r0 !== undefined && r1 !== undefined && r0 > 0n && r1 > 0n) reserves.set(log.address, [r0, r1]);
}

/** v2 emits Sync with the reserves after, then Swap with what came and went; the reserves before follow from both. */
function moveV2(log: Log, reserves: ReadonlyMap<Address, readonly [bigint, bigint]>): [number, number] | undefined {
  const after = reserves.get(log.address);
  const [in0, in1, out0, out1] = [0, 1, 2, 3].map((i) => wordAt(log.data, i));
  if (after === undefined || in0 === undefined || in1 === undefined || out0 === undefined || out1 === undefined)
    return undefined;
  const before0 = after[0] - in0 + out0;
  const before1 = after[1] - in1 + out1;
  if (before0 <= 0n || before1 <= 0n) return undefined;
  return [logOf(before1) - logOf(before0), logOf(after[1]) - logOf(after[0])];
}

const q96 = 1n << 96n;
const lowestSqrt = 4_295_128_739n;

/**
 * v3 tells the square-root price after, and its liquidity: sqrtBefore = sqrtAfter − amount1 · 2^96 / L. Where the swap
 * crossed into other liquidity this is an estimate; a result outside the pool's range is set to its edge.
 */
function moveV3(data: Hex): [number, number] | undefined {
  const [, raw1, after, liquidity] = [0, 1, 2, 3].map((i) => wordAt(data, i));
  if (
    raw1 === undefined ||
    after === undefined ||
    liquidity === undefined ||
    after < lowestSqrt ||
    after >> 160n !== 0n
  )
    return undefined;
  const amount1 = BigInt.asIntN(256, raw1);
  if (liquidity === 0n) return undefined;
  const estimate = after - (amount1 * q96) / liquidity;
  const before = estimate < lowestSqrt ? lowestSqrt : estimate >> 160n !== 0n ? 1n << 160n : estimate;
  return [2 * (logOf(before) - logOf(q96)), 2 * (logOf(after) - logOf(q96))];
}
