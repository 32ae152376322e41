import type { Detector } from "../model/Detector.ts";
import { readDealing } from "../signs/Dealing.ts";
import { pairsOf, readHoldings, settle, type Touch } from "../signs/HoldingsBook.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import { type AssetDrainParams, assetDrainParams } from "./assetDrain/AssetDrainParams.ts";
import type { Judged } from "./assetDrain/Judged.ts";
import { judgeBlind } from "./assetDrain/judgeBlind.ts";
import { judgeBlock } from "./assetDrain/judgeBlock.ts";
import { judgeDealing } from "./assetDrain/judgeDealing.ts";
import { readAhead } from "./assetDrain/readAhead.ts";
import { rememberDealing } from "./assetDrain/rememberDealing.ts";

export type { AssetDrainParams } from "./assetDrain/AssetDrainParams.ts";

/**
 * Asset drain: a protected address loses a share of what it holds, and nobody put in as much.
 *
 *   loss(p) = max_a out(a)/B(p,a) − burned claims/supply,  over what left unexplained   (signs/Loss)
 *   Z1 loss >= thetaTx in one transaction or block, or >= thetaHour in an hour by the same actors
 *   Z2 loss >= thetaGain and the actors keep >= capture of what left, or of what it was sold for where p got nothing
 *   critical = (Z1 and a sign of Z3 Z4 Z5 Z7 Z8 Z9) or (Z2 and one of Z4 Z5 Z7)
 *   Z9 at least half of what left was paid to accounts without a past, and loss >= thetaFresh (assetDrain/freshPayees)
 *   critical = loss >= thetaKept, actors from a young contract (Z3) with Z4, Z5 or Z7 keep it and end with less of nothing
 *   high = Z1 with gain, or the line above without Z3 · medium = Z1 alone
 *
 * B is read at the parent block, and what left is confirmed by balances, not by events. Explained is a leg at the
 * holder's own usual rate, at the pool's own price of the parent block (a square-root price, or the product of its
 * reserves), against claims burned, or the payee's own deposit of the last day unless Z4, Z5 or Z7 stands.
 * Other payments explain nothing, because without a price a share of one asset says nothing about another: where
 * Σ_b min(1, in(b)/B(p,b)), over customary b of which more than dust was held, covers the loss, it lowers the severity by
 * one step. So do parties of the transaction that vouch for the rate, because they may be the attacker's.
 * Source: design judgement, price-free on purpose. Defaults: 20 % per transaction, 35 % an hour, 5 % with gain, 50 % to
 * accounts without a past, 0.01 % kept for nothing (below that, the balances themselves are not exact, see HoldingsBook), all uncalibrated.
 * Evasion: several small payments of an asset that is held in earnest but cheap leave a critical drain high; takings by
 * unrelated senders from unrelated contracts do not add up over the hour; see docs/requirements/detectors.md.
 * Degraded without S: holdings are unknown, so only a gain with a strong sign is told, as an anomaly.
 */
export const detectAssetDrain: Detector<AssetDrainParams> = {
  meta: {
    id: "asset-drain",
    version: "1.0.0",
    class: "damage",
    needs: { all: ["X", "L"], degraded: ["T", "S", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#asset-drain",
    owner: "protocol",
  },
  frameLogs: [],
  params: assetDrainParams,
  defaults: {
    thetaTx: 0.2,
    thetaGain: 0.05,
    thetaKept: 0.0001,
    thetaFresh: 0.5,
    thetaHour: 0.35,
    capture: 0.5,
    youngBlocks: 7200,
    customBlocks: 7200,
    infrastructure: [],
  },
  detect(context) {
    const touches = context.txs
      .map((view): Touch => ({ view, touched: touchedBy(view, context.watched) }))
      .filter((t) => t.touched.size > 0);
    if (touches.length === 0) return;
    const hasState = context.block.has.includes("S");
    const pairs = hasState ? pairsOf(touches, context.block.has.includes("T")) : new Map();
    const book = hasState ? readHoldings(pairs.values(), (reads) => context.readAll(reads)) : new Map();
    const accounts = settle(book, touches);
    if (hasState) readAhead(context, book, accounts, touches);
    const sinceBlock = Number(context.block.ref.number) - context.params.youngBlocks;
    const ledger = {
      watched: context.watched,
      memory: context.memory,
      book,
      accounts,
      before: new Map<string, bigint>(),
      sinceBlock,
    };
    const judged: Judged[] = [];
    for (const touch of touches) {
      for (const holder of touch.touched) {
        const dealing = readDealing(ledger, touch.view, holder);
        const one = hasState ? judgeDealing(context, dealing) : undefined;
        if (one !== undefined) judged.push(one);
        const raised = hasState ? one?.severity !== undefined : judgeBlind(context, dealing);
        rememberDealing(context, dealing, raised);
      }
    }
    judgeBlock(context, judged, ledger.before);
  },
};
