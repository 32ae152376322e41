import { ratioOf } from "../../math/ratio.ts";
import { actorCluster } from "../../model/ActorCluster.ts";
import type { Address } from "../../model/Hex.ts";
import type { StateRead } from "../../model/StateRead.ts";
import type { TxView } from "../../model/TxView.ts";
import { burnedClaims } from "../../signs/Compensation.ts";
import { paymentReads } from "../../signs/DrainGain.ts";
import { dustReads } from "../../signs/Dust.ts";
import { supplyRead } from "../../signs/Holding.ts";
import {
  type Accounts,
  assetsOf,
  confirmedNet,
  type HoldingsBook,
  keyOf,
  type Touch,
} from "../../signs/HoldingsBook.ts";
import { quoteReads } from "../../signs/Quote.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { payeeReads } from "./freshPayees.ts";
import { infrastructureOf } from "./infrastructureOf.ts";
import { voucherReads } from "./isVouched.ts";

/** Asks in one round for all that judging may need, however many dealings there are: rounds are limited. */
export function readAhead(
  context: AssetDrainContext,
  book: HoldingsBook,
  accounts: Accounts,
  touches: readonly Touch[],
): void {
  const supplies = touches
    .flatMap((t) => burnedClaims(t.view, context.watched))
    .map(([token]) => supplyRead(token, "parent"));
  const suspects = new Set<Address>();
  const payments: StateRead[] = [];
  for (const { view, touched } of touches) {
    const lost = [...touched].map((holder) => ({ holder, share: lostShare(book, accounts, view, holder) }));
    const holders = lost.filter(({ share }) => share >= context.params.thetaKept);
    for (const { holder, share } of holders) {
      suspects.add(holder);
      if (share >= context.params.thetaFresh) payments.push(...payeeReads(view, holder, context.watched));
      const own = [...(view.flow().net.get(holder) ?? [])];
      payments.push(...dustReads(own.flatMap(([asset, n]) => (n > 0n ? [asset] : []))), ...voucherReads(view, holder));
    }
    if (holders.length > 0) payments.push(...paymentReads(view, clusterOf(context, view)));
  }
  const reads = [...supplies, ...[...suspects].flatMap(quoteReads), ...payments];
  if (reads.length > 0) context.readAll(reads);
}

/** The largest part of a holding that left, 0..1 and more where it came in before. */
function lostShare(book: HoldingsBook, accounts: Accounts, view: TxView, holder: Address): number {
  let most = 0;
  for (const asset of assetsOf(accounts, book, view, holder)) {
    const net = confirmedNet(accounts, view, holder, asset);
    if (net < 0n) most = Math.max(most, ratioOf(-net, book.get(keyOf(holder, asset))?.parent ?? 0n));
  }
  return most;
}

function clusterOf(context: AssetDrainContext, view: TxView): Set<Address> {
  return actorCluster(view, context.watched, context.deployerOf, infrastructureOf(context));
}
