// The clock of the defended chain. Blocks of a real chain come whether anyone is ready or not; on a machine that is busy
// with something else the same seed would then end otherwise each time. So a block comes every two seconds, and later
// while someone still works on the one before. How long the chain waited is told: on a real chain it would not have.
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import type { Logbook } from "./Logbook.ts";

/** Seconds from one block of the defended chain to the next. */
export const blockSeconds = 2;

// A defence that stands still must not hold the attack back for ever.
const longestWaitMs = 60_000;
// Before the block there is one chance only: longer, as long as the watch takes the chain for a living one.
const longestPoolWaitMs = 170_000;
const lookEveryMs = 10;

/** Makes blocks. */
export interface DrillClock {
  /** Resolves with the number of the next block, once it is mined; not while `isAwaited` holds. */
  nextBlock(isAwaited?: () => boolean, isPoolJudged?: boolean): Promise<bigint>;
  /** Milliseconds that blocks came late so far because the watch, its fork, its guardians or its sender had work left. */
  readonly waitedMs: number;
}

/**
 * Starts with now as the time of the last block, and makes one every `paceMs` of the wall clock; `seen` tells whether
 * everything that follows from it is done.
 */
export function openDrillClock(endpoint: Endpoint, seen: Logbook, signal: AbortSignal, paceMs: number): DrillClock {
  let lastMs = Date.now();
  const clock = {
    waitedMs: 0,
    async nextBlock(isAwaited = () => false, isPoolJudged = false) {
      const dueMs = lastMs + paceMs;
      await sleep(dueMs - Date.now());
      const head = await blockNumber(endpoint);
      const from = Date.now();
      const mostMs = isPoolJudged ? longestPoolWaitMs : longestWaitMs;
      const isAtWork = () => seen.head.number < head || seen.inHand.size > 0 || isAwaited();
      while (isAtWork() && Date.now() - from < mostMs && !signal.aborted) await sleep(lookEveryMs);
      clock.waitedMs += Date.now() - from;
      await endpoint.request("evm_mine");
      lastMs = Date.now();
      return head + 1n;
    },
  };
  return clock;
}

/** Number of the chain's latest block. */
export async function blockNumber(endpoint: Endpoint): Promise<bigint> {
  return BigInt((await endpoint.request("eth_blockNumber")) as Hex);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
