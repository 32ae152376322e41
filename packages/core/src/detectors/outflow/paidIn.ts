// What came in for an outflow: other assets that are followed at the same holder.
import { ratioOf } from "../../math/ratio.ts";
import type { Asset } from "../../model/Asset.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { Address } from "../../model/Hex.ts";
import { ringOf } from "../../model/Ring.ts";
import { type DustLimits, dustReads, isDust, readDust } from "../../signs/Dust.ts";
import { amountOf, holdingRead } from "../../signs/Holding.ts";
import { keyOf } from "../../signs/HoldingsBook.ts";

type Reader = Pick<DetectContext<unknown>, "memory" | "readAll">;

/** What concerned addresses hold now of everything that is followed, and where its dust ends. */
export interface Followed {
  readonly held: ReadonlyMap<string, bigint>;
  readonly dust: DustLimits;
}

/** Asked in one round and only after an outflow of size. */
export function readFollowed(context: Reader, holders: ReadonlySet<Address>): Followed {
  const pairs = [...holders].flatMap((holder) =>
    ringOf<string>(context.memory, `assets:${holder}`).map((asset) => [holder, asset] as [Address, Asset]),
  );
  const assets = pairs.map(([, asset]) => asset);
  const holdings = pairs.map(([holder, asset]) => holdingRead(asset, holder, "block"));
  const answers = context.readAll([...holdings, ...dustReads(assets)]);
  const held = new Map(pairs.map(([holder, asset], i) => [keyOf(holder, asset), amountOf(answers[i]) ?? 0n]));
  return { held, dust: readDust(assets, (reads) => context.readAll(reads)) };
}

/**
 * Σ share in of the followed assets over a window, by holder; of what only dust was held at its start, it counts nothing. What left
 * over the window did not come in, so that it is the same for each asset that did.
 */
export function openPaidIn({ memory }: Reader, now: Followed): (holder: Address, seconds: number) => number {
  const known = new Map<string, number>();
  const paidIn = (holder: Address, seconds: number): number =>
    ringOf<string>(memory, `assets:${holder}`).reduce((sum, asset) => {
      const net = memory.windowSum(`net:${seconds}:${holder}|${asset}`, seconds);
      if (net <= 0n) return sum;
      const start = (now.held.get(keyOf(holder, asset)) ?? 0n) - net;
      return sum + (start > 0n && !isDust(now.dust, asset, start) ? Math.min(1, ratioOf(net, start)) : 0);
    }, 0);
  return (holder, seconds) => {
    const key = `${seconds}:${holder}`;
    const found = known.get(key) ?? paidIn(holder, seconds);
    known.set(key, found);
    return found;
  };
}
