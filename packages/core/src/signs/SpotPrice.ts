// What pools say about their own price, read from their events alone: Uniswap v2 (Sync and Swap), v3 and v4 (Swap) and
// all that copy them, Pancake v3, Solidly and its heirs; virtual-token pools included.

import { logOf } from "../math/ratio.ts";
import type { Log } from "../model/BlockBundle.ts";
import { type Address, type Hex, wordAt } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { oncePer } from "../model/oncePer.ts";
import { solidlyPrices } from "./solidlyPrices.ts";

/** One move of a pool's spot price, as natural logarithms of token1 per token0 in smallest units. */
export interface PriceMove {
  readonly pool: Address;
  /** The pool's own id: its address, or within a contract that holds many pools (Uniswap v4) `<address>:<id>`. */
  readonly market: string;
  readonly logIndex: number;
  readonly before: number;
  readonly after: number;
}

/** A pool's reserves after its last Sync; Solidly's pools may follow another curve than x · y. */
interface Reserves {
  readonly after: readonly [bigint, bigint];
  readonly isSolidly: boolean;
}

/** The moves that `logs` (of one transaction, in order) tell of. Malformed events are passed over. */
export const priceMovesOf = oncePer((logs: readonly Log[]): readonly PriceMove[] => {
  const reserves = new Map<Address, Reserves>();
  const moves: PriceMove[] = [];
  for (const log of logs) {
    noteReserves(log, reserves);
    const prices = pricesOf(log, reserves);
    if (prices === undefined) continue;
    const market = log.topics[0] === topic.swapV4 ? `${log.address}:${log.topics[1] ?? "0x"}` : log.address;
    moves.push({ pool: log.address, market, logIndex: log.index, before: prices[0], after: prices[1] });
  }
  return moves;
});

/** First topics of the logs by which pools say that they swapped. */
export const swapTopics: readonly Hex[] = [
  topic.swapV2,
  topic.swapV3,
  topic.swapPancakeV3,
  topic.swapV4,
  topic.swapSolidly,
];

const swaps: ReadonlySet<string> = new Set(swapTopics);

/** Whether a log is a pool's word that it swapped. */
export function isSwapLog({ topics }: Pick<Log, "topics">): boolean {
  return swaps.has(topics[0] ?? "");
}

function pricesOf(log: Log, reserves: ReadonlyMap<Address, Reserves>): readonly [number, number] | undefined {
  switch (log.topics[0]) {
    case topic.swapV2:
    case topic.swapSolidly:
      return moveV2(log, reserves.get(log.address));
    case topic.swapV3:
    case topic.swapPancakeV3:
      return moveV3(log.data, 1n);
    case topic.swapV4:
      return moveV3(log.data, -1n);
    default:
      return undefined;
  }
}

function noteReserves(log: Log, reserves: Map<Address, Reserves>): void {
  const isSolidly = log.topics[0] === topic.syncSolidly;
  if (!isSolidly && log.topics[0] !== topic.syncV2) return;
  const [r0, r1] = [wordAt(log.data, 0), wordAt(log.data, 1)];
  if (r0 !== undefined && r1 !== undefined && r0 > 0n && r1 > 0n)
    reserves.set(log.address, { after: [r0, r1], isSolidly });
}

/** v2 emits Sync with the reserves after, then Swap with what came and went; the reserves before follow from both. */
function moveV2(log: Log, reserves: Reserves | undefined): readonly [number, number] | undefined {
  const [in0, in1, out0, out1] = [0, 1, 2, 3].map((i) => wordAt(log.data, i));
  if (reserves === undefined || in0 === undefined || in1 === undefined || out0 === undefined || out1 === undefined)
    return undefined;
  const { after, isSolidly } = reserves;
  const before = [after[0] - in0 + out0, after[1] - in1 + out1] as const;
  if (before[0] <= 0n || before[1] <= 0n) return undefined;
  return (isSolidly ? solidlyPrices(before, after) : undefined) ?? [priceOf(before), priceOf(after)];
}

function priceOf([r0, r1]: readonly [bigint, bigint]): number {
  return logOf(r1) - logOf(r0);
}

const q96 = 1n << 96n;
const lowestSqrt = 4_295_128_739n;

/**
 * v3 tells the square-root price after, and its liquidity: sqrtBefore = sqrtAfter − amount1 · 2^96 / L. Where the swap
 * crossed into other liquidity this is an estimate; a result outside the pool's range is set to its edge. v3 counts
 * what the pool received (`sign` 1), v4 what the swapper did (−1).
 */
function moveV3(data: Hex, sign: 1n | -1n): [number, number] | undefined {
  const [, raw1, after, liquidity] = [0, 1, 2, 3].map((i) => wordAt(data, i));
  if (
    raw1 === undefined ||
    after === undefined ||
    liquidity === undefined ||
    after < lowestSqrt ||
    after >> 160n !== 0n
  )
    return undefined;
  const amount1 = sign * BigInt.asIntN(256, raw1);
  if (liquidity === 0n) return undefined;
  const estimate = after - (amount1 * q96) / liquidity;
  const before = estimate < lowestSqrt ? lowestSqrt : estimate >> 160n !== 0n ? 1n << 160n : estimate;
  return [2 * (logOf(before) - logOf(q96)), 2 * (logOf(after) - logOf(q96))];
}
