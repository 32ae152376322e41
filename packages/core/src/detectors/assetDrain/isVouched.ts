import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Address } from "../../model/Hex.ts";
import type { StateRead } from "../../model/StateRead.ts";
import type { TxView } from "../../model/TxView.ts";
import { isUsualRate } from "../../signs/Compensation.ts";
import type { Dealing } from "../../signs/Dealing.ts";
import { amountOf, holdingRead } from "../../signs/Holding.ts";
import type { Leg, Loss } from "../../signs/Loss.ts";
import { isNearQuote, quoteReads } from "../../signs/Quote.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { customaryIns } from "./customaryIns.ts";
import { pairOf } from "./pairOf.ts";

/**
 * Whether others in the same transaction bought the lost asset at about the price that the holder got (an arbitrage), or
 * earlier transactions of the block had brought in what left now (a back-run, just-in-time liquidity). Anybody can have a
 * friend who buys for next to nothing, so the price must be known from elsewhere: from the holder's own past, or from the
 * buyer, if that is a pool of old that held as much as it bought.
 */
export function isVouched(
  context: AssetDrainContext,
  dealing: Dealing,
  cluster: ReadonlySet<Address>,
  result: Loss,
  owing: readonly Leg[],
): boolean {
  const { view, holder, earlier } = dealing;
  const worst = owing.find((l) => l.asset === result.worst);
  if (worst === undefined) return false;
  if ((earlier.get(worst.asset) ?? 0n) * 2n >= worst.amount) return true;
  const ins = customaryIns(context, dealing);
  return [...view.flow().net].some(([other, own]) => {
    const bought = own.get(worst.asset) ?? 0n;
    if (other === holder || other === zeroAddress || cluster.has(other) || bought <= 0n) return false;
    return ins.some((leg) => {
      const paid = -(own.get(leg.asset) ?? 0n);
      if (paid <= 0n || leg.amount * bought * 5n < paid * worst.amount * 4n) return false;
      return (
        isUsualRate(context.memory, pairOf(holder, worst, leg), worst.amount, leg.amount) ||
        isPoolPrice(context, other, worst, leg, bought)
      );
    });
  });
}

/** What must be known of those who may vouch: whoever bought of what the holder lost for something that it got. */
export function voucherReads(view: TxView, holder: Address): StateRead[] {
  const { net } = view.flow();
  const own = net.get(holder) ?? new Map<Asset, bigint>();
  const isLost = (asset: Asset) => (own.get(asset) ?? 0n) < 0n;
  const isGot = (asset: Asset) => (own.get(asset) ?? 0n) > 0n;
  return [...net].flatMap(([other, theirs]) => {
    if (other === zeroAddress || other === holder) return [];
    // By what each has: thousands of tokens may go to as many, and none of it is dear to send.
    const bought = [...theirs].flatMap(([asset, n]) => (n > 0n && isLost(asset) ? [asset] : []));
    if (bought.length === 0 || ![...theirs].some(([asset, n]) => n < 0n && isGot(asset))) return [];
    return [...quoteReads(other), ...bought.map((asset) => holdingRead(asset, other, "parent"))];
  });
}

/** Whether the holder got at least four fifths of what `other`, an old pool, told as its price, and `other` held what it bought. */
function isPoolPrice(context: AssetDrainContext, other: Address, out: Leg, into: Leg, bought: bigint): boolean {
  if (isYoung(context, other)) return false;
  const answers = context.readAll([...quoteReads(other), holdingRead(out.asset, other, "parent")]);
  if ((amountOf(answers.at(-1)) ?? 0n) < bought) return false;
  return isNearQuote(answers, [out.asset, out.amount], [into.asset, into.amount]);
}

function isYoung({ creationOf, block, params }: AssetDrainContext, contract: Address): boolean {
  const creation = creationOf(contract);
  return creation !== undefined && creation.block >= Number(block.ref.number) - params.youngBlocks;
}
