import { toPlainNumber } from "../../math/ratio.ts";
import type { Asset } from "../../model/Asset.ts";
import { burnedClaims, claimShare, isCustomary, isDealtInBy, readSupplies } from "../../model/Compensation.ts";
import type { Address } from "../../model/Hex.ts";
import { type Accounts, type HoldingsBook, keyOf, type Touch } from "../../model/HoldingsBook.ts";
import { lossOf } from "../../model/Loss.ts";
import type { AssetDrainContext } from "./AssetDrainParams.ts";
import { percent } from "./percent.ts";

/** Judges Z1 over the whole block, for a drain that was cut into many transactions; passes by the holders in `told`. */
export function judgeBlock(
  context: AssetDrainContext,
  book: HoldingsBook,
  accounts: Accounts,
  touches: readonly Touch[],
  told: ReadonlySet<Address>,
): void {
  for (const holder of new Set(touches.flatMap((t) => [...t.touched]))) {
    const concerned = touches.filter((t) => t.touched.has(holder));
    if (told.has(holder) || concerned.length < 2) continue;
    const sum = (asset: Asset) => accounts.get(keyOf(holder, asset))?.moved ?? 0n;
    const legs = [...book.values()].filter((h) => h.holder === holder && h.parent !== undefined);
    const outs = legs.flatMap((h) =>
      sum(h.asset) < 0n ? [{ asset: h.asset, amount: -sum(h.asset), held: h.parent! }] : [],
    );
    const ins = legs.flatMap((h) =>
      sum(h.asset) > 0n && h.asset !== holder ? [{ asset: h.asset, amount: sum(h.asset), held: h.parent! }] : [],
    );
    if (lossOf(outs, []).loss < context.params.thetaTx) continue;
    const block = Number(context.block.ref.number);
    const paid = ins.filter(
      (leg) =>
        concerned.some((t) => isDealtInBy(t.view, holder, leg.asset)) &&
        isCustomary(context.memory, holder, leg.asset, block, context.params.customBlocks),
    );
    const claims = concerned.flatMap((t) => burnedClaims(t.view, context.watched));
    if (lossOf(outs, paid).loss < context.params.thetaTx) continue;
    const supplies = claims.length === 0 ? new Map() : readSupplies(claims, (reads) => context.readAll(reads));
    const { loss, worst } = lossOf(outs, paid, claimShare(claims, holder, supplies));
    if (loss < context.params.thetaTx) continue;
    context.finding({
      severity: "high",
      subject: holder,
      reason: `${concerned.length} transactions of one block took ${percent(loss)} of what ${holder} held of ${worst}.`,
      addresses: concerned.map((t) => t.view.tx.from).slice(0, 16),
      key: ["block"],
      score: loss,
      evidence: {
        loss: toPlainNumber(loss),
        flags: ["Z1"],
        uncalibrated: true,
        thetaTx: context.params.thetaTx,
        out: outs.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
        in: ins.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
        txs: concerned.map((t) => t.view.tx.hash).slice(0, 64),
      },
    });
  }
}
