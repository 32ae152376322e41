// What came in for an outflow: other assets that are followed at the same holder.
import { ratioOf } from "../../math/ratio.ts";
import type { Asset } from "../../model/Asset.ts";
import type { DetectContext } from "../../model/Detector.ts";
import { type DustLimits, dustReads, isDust, readDust } from "../../model/Dust.ts";
import type { Address } from "../../model/Hex.ts";
import { amountOf, holdingRead } from "../../model/Holding.ts";
import { keyOf } from "../../model/HoldingsBook.ts";
import { ringOf } from "../../model/Ring.ts";

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

/** Σ share in of the other followed assets over the window; of what only dust was held at its start, it counts nothing. */
export function paidIn(context: Reader, now: Followed, holder: Address, lost: Asset, seconds: number): number {
  const others = ringOf<string>(context.memory, `assets:${holder}`).filter((a) => a !== lost);
  const nets = others.map((asset) => context.memory.window(`net:${seconds}:${holder}|${asset}`, seconds, 0n));
  const come = others.map((asset, i) => [asset, nets[i]!] as const).filter(([, net]) => net > 0n);
  return come.reduce((sum, [asset, net]) => {
    const start = (now.held.get(keyOf(holder, asset)) ?? 0n) - net;
    return sum + (start > 0n && !isDust(now.dust, asset, start) ? Math.min(1, ratioOf(net, start)) : 0);
  }, 0);
}
