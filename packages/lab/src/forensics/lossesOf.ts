import { ratioOf } from "@testudo/core/math/ratio";
import { zeroAddress } from "@testudo/core/model/Asset";
import type { Address } from "@testudo/core/model/Hex";
import { burnedClaims, isPaidOneForOne } from "@testudo/core/signs/Compensation";
import { amountOf, holdingRead } from "@testudo/core/signs/Holding";
import type { Study } from "./Study.ts";

/** What somebody other than the actors has less of, against what was held before. */
export interface HolderLoss {
  readonly holder: Address;
  readonly asset: string;
  readonly amount: bigint;
  readonly held: bigint | null;
  readonly share: number | null;
  /** Whether the holder got something else in the same transaction. */
  readonly isPaid: boolean;
}

/** Whether claims on the holder itself were burned for it one for one, as wrapped coins are unwrapped. */
function isRedeemed(view: Study["view"], holder: Address, amount: bigint): boolean {
  return isPaidOneForOne(burnedClaims(view, new Set([holder])), holder, amount);
}

// Each costs a read of the state.
const most = 64;

/** Losses of everybody but the actors, the largest share of holdings first. */
export async function lossesOf(study: Study, actors: ReadonlySet<Address>): Promise<HolderLoss[]> {
  const { view, examined } = study;
  const open = [...view.flow().net].flatMap(([holder, own]) => {
    if (actors.has(holder) || holder === zeroAddress) return [];
    const isPaid = [...own.values()].some((amount) => amount > 0n);
    return [...own].flatMap(([asset, amount]) =>
      amount < 0n && !isRedeemed(view, holder, -amount) ? [{ holder, asset, amount: -amount, isPaid }] : [],
    );
  });
  const asked = open.slice(0, most);
  const reads = asked.map(({ asset, holder }) => holdingRead(asset, holder, "parent"));
  const answers = examined.answer === undefined || reads.length === 0 ? [] : await examined.answer(reads);
  return open
    .map((loss, i): HolderLoss => {
      const held = amountOf(answers[i]) ?? null;
      return { ...loss, held, share: held === null || held === 0n ? null : Math.min(1, ratioOf(loss.amount, held)) };
    })
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
}
