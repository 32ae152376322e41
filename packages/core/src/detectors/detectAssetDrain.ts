import { z } from "zod";
import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import { actorCluster, principalsOf, publicInfrastructure } from "../model/ActorCluster.ts";
import type { Asset } from "../model/Asset.ts";
import { zeroAddress } from "../model/Asset.ts";
import {
  burnedClaims,
  claimShare,
  isCustomary,
  isDealtInBy,
  isPaidOneForOne,
  isUsualRate,
  isWithinQuote,
  noteCustom,
  noteDeposit,
  noteRate,
  quoteReads,
  readSupplies,
} from "../model/Compensation.ts";
import { creationOf, rememberCreations } from "../model/Creations.ts";
import { type Dealing, readDealing } from "../model/Dealing.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import { gainOf, paymentReads, paysNothing } from "../model/DrainGain.ts";
import { type DrainSign, type DrainSigns, drainSigns, isUncalledInflow } from "../model/DrainSign.ts";
import type { Severity } from "../model/Finding.ts";
import type { Address } from "../model/Hex.ts";
import { supplyRead } from "../model/Holding.ts";
import {
  type Accounts,
  assetsOf,
  confirmedNet,
  type HoldingsBook,
  keyOf,
  pairsOf,
  readHoldings,
  settle,
  type Touch,
} from "../model/HoldingsBook.ts";
import { type Leg, type Loss, lossOf } from "../model/Loss.ts";
import { addToRing } from "../model/Ring.ts";
import type { StateRead } from "../model/StateRead.ts";
import type { TxView } from "../model/TxView.ts";
import { touchedBy } from "../model/touchedBy.ts";

export interface AssetDrainParams {
  /** Share of a holding that may leave uncompensated in one transaction or block (Z1). */
  readonly thetaTx: number;
  /** Share from which a gain of the actors counts as sourced from the holding (Z2). */
  readonly thetaGain: number;
  /** Share from which it counts that young actors with a loan keep what left and pay nothing for it. */
  readonly thetaKept: number;
  /** Part of what left that the actors must keep for Z2. */
  readonly capture: number;
  /** A caller younger than this many blocks is young (Z3). */
  readonly youngBlocks: number;
  /** Blocks after which an asset that came in new may count as payment. */
  readonly customBlocks: number;
  /** Further contracts that act for everybody. */
  readonly infrastructure: readonly string[];
}

const share = z.number().positive().max(1);
const params = z
  .object({
    thetaTx: share,
    thetaGain: share,
    thetaKept: share,
    capture: share,
    youngBlocks: z.number().int().positive().max(50_000),
    customBlocks: z.number().int().positive(),
    infrastructure: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)),
  })
  .strict();

/**
 * Asset drain: a protected address loses a share of what it holds, and nobody put in as much.
 *
 *   loss(p) = max_a out(a)/B(p,a) − Σ_b min(1, in(b)/B(p,b)) − burned claims/supply,  b customary at p   (model/Loss)
 *   Z1 loss >= thetaTx · Z2 loss >= thetaGain and the actors keep >= capture of what left
 *   critical = (Z1 and a sign of Z3 Z4 Z5 Z7 Z8) or (Z2 and one of Z4 Z5 Z7)
 *   critical = loss >= thetaKept, actors from a young contract (Z3) with Z4, Z5 or Z7 keep it and end with less of nothing
 *   high = Z1 with gain, or the line above without Z3 · medium = Z1 alone
 *
 * B is read at the parent block, and what left is confirmed by balances, not by events. A leg is no loss when it is at
 * the holder's own usual rate, at the pool's own price of the parent block, against claims burned, or the payee's own
 * deposit of the last day. A rate that only other parties of the transaction vouch for lowers the severity by one
 * step, because they may be the attacker's.
 * Source: design judgement, price-free on purpose. Defaults: 20 % per transaction, 5 % with gain, 0.01 % kept
 * for nothing (below that, the balances themselves are not exact, see HoldingsBook), all uncalibrated.
 * Degraded without S: holdings are unknown, so only a gain with a strong sign is told, as an anomaly.
 */
export const detectAssetDrain: Detector<AssetDrainParams> = {
  meta: {
    id: "asset-drain",
    version: "1.0.0",
    class: "damage",
    needs: { all: ["X", "L"], degraded: ["T", "S"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#asset-drain",
    owner: "protocol",
  },
  params,
  defaults: {
    thetaTx: 0.2,
    thetaGain: 0.05,
    thetaKept: 0.0001,
    capture: 0.5,
    youngBlocks: 7200,
    customBlocks: 7200,
    infrastructure: [],
  },
  detect(context) {
    rememberCreations(context.memory, context.txs, Number(context.block.ref.number), context.params.youngBlocks);
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
      before: new Map(),
      sinceBlock,
    };
    const told = new Set<Address>();
    for (const touch of touches) {
      for (const holder of touch.touched) {
        const dealing = readDealing(ledger, touch.view, holder);
        const raised = hasState ? judge(context, dealing) : judgeBlind(context, dealing);
        if (raised) told.add(holder);
        remember(context, dealing, raised);
      }
    }
    if (hasState) judgeBlock(context, book, accounts, touches, told);
  },
};

type Context = DetectContext<AssetDrainParams>;

/** Asks in one round for all that judging may need, however many dealings there are: rounds are limited. */
function readAhead(context: Context, book: HoldingsBook, accounts: Accounts, touches: readonly Touch[]): void {
  const supplies = touches
    .flatMap((t) => burnedClaims(t.view, context.watched))
    .map(([token]) => supplyRead(token, "parent"));
  const suspects = new Set<Address>();
  const payments: StateRead[] = [];
  for (const { view, touched } of touches) {
    const holders = [...touched].filter((holder) => losesMuch(context, book, accounts, view, holder));
    for (const holder of holders) suspects.add(holder);
    if (holders.length > 0) payments.push(...paymentReads(view, clusterOf(context, view)));
  }
  const reads = [...supplies, ...[...suspects].flatMap(quoteReads), ...payments];
  if (reads.length > 0) context.readAll(reads);
}

function losesMuch(context: Context, book: HoldingsBook, accounts: Accounts, view: TxView, holder: Address): boolean {
  return [...assetsOf(accounts, book, view, holder)].some((asset) => {
    const net = confirmedNet(accounts, view, holder, asset);
    return net < 0n && ratioOf(-net, book.get(keyOf(holder, asset))?.parent ?? 0n) >= context.params.thetaKept;
  });
}

function clusterOf(context: Context, view: TxView): Set<Address> {
  const deployerOf = (contract: Address) => creationOf(context.memory, contract)?.deployers;
  return actorCluster(view, context.watched, deployerOf, infrastructureOf(context));
}

function infrastructureOf(context: Context): Set<Address> {
  return new Set([...publicInfrastructure, ...(context.params.infrastructure as Address[])]);
}

function judge(context: Context, dealing: Dealing): boolean {
  const { outs, holder, view } = dealing;
  if (outs.length === 0) return false;
  const raw = lossOf(outs, customaryIns(context, dealing));
  if (raw.loss < context.params.thetaKept) return false;
  const block = Number(context.block.ref.number);
  const found = drainSigns(view, holder, context.watched, context.memory, {
    block,
    youngBlocks: context.params.youngBlocks,
    infrastructure: infrastructureOf(context),
  });
  const claims = burnedClaims(view, context.watched);
  const supplies = claims.length === 0 ? new Map() : readSupplies(claims, (reads) => context.readAll(reads));
  const owing = outs.filter(
    (leg) => !isPaidOneForOne(claims, holder, leg.amount) && !isOwnPrice(context, dealing, leg),
  );
  const claim = claimShare(claims, holder, supplies);
  const ins = customaryIns(context, dealing);
  const result = lossOf(owing, ins, claim);
  if (result.loss < context.params.thetaKept) return false;
  const beyondOwn = owing.map((leg) => ({
    ...leg,
    amount: leg.amount - withInterest(dealing.own.get(leg.asset) ?? 0n),
  }));
  const isOwnMoney = lossOf(beyondOwn, ins, claim).loss < context.params.thetaKept;
  return report(context, dealing, found, result, owing, isOwnMoney);
}

/** Own money that comes back after at most a day may have grown a little: by 0.2 %, which is over 70 % a year. */
function withInterest(own: bigint): bigint {
  return own + own / 500n;
}

function report(
  context: Context,
  dealing: Dealing,
  found: DrainSigns,
  result: Loss,
  owing: readonly Leg[],
  isOwnMoney: boolean,
): boolean {
  const gain = gainOf(dealing, context.watched, found.cluster);
  const isZ1 = result.loss >= context.params.thetaTx;
  const isKept = gain.capture >= context.params.capture;
  const isZ2 = isKept && result.loss >= context.params.thetaGain;
  const isNet = gain.isNet || paysNothing(dealing.view, found.cluster, (reads) => context.readAll(reads));
  const vouched = isVouched(context, dealing, found.cluster, result, owing);
  // A transfer without an event shows who lost and not who gained; else a gain must be seen.
  const isHidden = owing.some((leg) => dealing.view.flow().unbalanced.has(leg.asset));
  const hasGain = isKept || gain.isNet || (isNet && isHidden);
  const judged = severityOf({ isZ1, isZ2, isKept, isNet, hasGain, vouched }, found.signs);
  const severity = isOwnMoney && judged !== undefined ? "medium" : judged;
  if (severity === undefined) return false;
  const flags = [...(isZ1 ? ["Z1"] : []), ...(isKept ? ["Z2"] : []), ...found.signs];
  context.finding({
    severity,
    subject: dealing.holder,
    reason: `One transaction took ${percent(result.loss)} of what ${dealing.holder} held of ${result.worst} (${flags.join(", ")}).`,
    txHash: dealing.view.tx.hash,
    addresses: [...found.cluster, ...gain.receivers].slice(0, 16),
    key: [dealing.view.tx.hash],
    score: result.loss,
    evidence: {
      loss: toPlainNumber(result.loss),
      flags,
      uncalibrated: true,
      thetaTx: context.params.thetaTx,
      thetaGain: context.params.thetaGain,
      thetaKept: context.params.thetaKept,
      paidNothing: isNet,
      out: dealing.outs.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      owing: owing.map((l) => ({ asset: l.asset, amount: l.amount })),
      in: dealing.ins.map((l) => ({ asset: l.asset, amount: l.amount, held: l.held })),
      shareIn: toPlainNumber(result.shareIn),
      capture: toPlainNumber(gain.capture),
      vouchedByOthers: vouched,
      isOwnMoney,
      source: dealing.view.flow().source,
      unbalanced: [...dealing.view.flow().unbalanced].sort(),
    },
  });
  return true;
}

const strong: readonly DrainSign[] = ["Z4", "Z5", "Z7"];

interface Judged {
  readonly isZ1: boolean;
  readonly isZ2: boolean;
  /** The actors keep what left, whatever its share. */
  readonly isKept: boolean;
  /** The actors end with less of nothing. */
  readonly isNet: boolean;
  /** Somebody ends with more. */
  readonly hasGain: boolean;
  readonly vouched: boolean;
}

function severityOf(judged: Judged, signs: readonly DrainSign[]): Severity | undefined {
  const { isZ1, isZ2, isKept, isNet, hasGain, vouched } = judged;
  const isStrong = signs.some((s) => strong.includes(s));
  if ((isZ1 && signs.length > 0) || (isZ2 && isStrong)) return vouched ? "high" : "critical";
  if (isZ1) return hasGain && !vouched ? "high" : "medium";
  // A small share of a large holding: whoever closes a position with a loan looks like this too, but not from a new contract.
  if (isKept && isNet && isStrong) return vouched ? "medium" : signs.includes("Z3") ? "critical" : "high";
  return isZ2 && signs.length > 0 ? "medium" : undefined;
}

function customaryIns(context: Context, { ins, holder, view }: Dealing): Leg[] {
  const block = Number(context.block.ref.number);
  for (const leg of ins)
    noteCustom(context.memory, holder, leg.asset, block, { heldBefore: leg.held > 0n, leaves: false });
  return ins.filter(
    (leg) =>
      isDealtInBy(view, holder, leg.asset) &&
      isCustomary(context.memory, holder, leg.asset, block, context.params.customBlocks),
  );
}

/** The leg was sold for a customary asset at the holder's usual rate, or at the pool's own price of the parent block. */
function isOwnPrice(context: Context, dealing: Dealing, leg: Leg): boolean {
  const ins = customaryIns(context, dealing);
  const [into] = ins;
  if (dealing.outs.length !== 1 || ins.length !== 1 || into === undefined) return false;
  if (isUsualRate(context.memory, pairOf(dealing.holder, leg, into), leg.amount, into.amount)) return true;
  const answers = context.readAll(quoteReads(dealing.holder));
  return isWithinQuote(answers, [leg.asset, leg.amount], [into.asset, into.amount]);
}

function pairOf(holder: Address, out: Leg, into: Leg): string {
  return `${holder}|${out.asset}|${into.asset}`;
}

/**
 * Whether others in the same transaction bought the lost asset at about the price that the holder got (an arbitrage), or
 * earlier transactions of the block had brought in what left now (a back-run, just-in-time liquidity).
 */
function isVouched(
  context: Context,
  dealing: Dealing,
  cluster: ReadonlySet<Address>,
  result: Loss,
  owing: readonly Leg[],
): boolean {
  const { view, holder, earlier } = dealing;
  const ins = customaryIns(context, dealing);
  const worst = owing.find((l) => l.asset === result.worst);
  if (worst === undefined) return false;
  if ((earlier.get(worst.asset) ?? 0n) * 2n >= worst.amount) return true;
  return [...view.flow().net].some(([other, own]) => {
    const bought = own.get(worst.asset) ?? 0n;
    if (other === holder || other === zeroAddress || cluster.has(other) || bought <= 0n) return false;
    return ins.some(
      (leg) =>
        leg.amount * bought * 5n >= -(own.get(leg.asset) ?? 0n) * worst.amount * 4n && (own.get(leg.asset) ?? 0n) < 0n,
    );
  });
}

/** What later blocks need to know of this dealing. An exchange that was suspicious does not become custom. */
function remember(context: Context, dealing: Dealing, raised: boolean): void {
  const { memory } = context;
  const { holder, outs, ins, view } = dealing;
  const block = Number(context.block.ref.number);
  customaryIns(context, dealing);
  for (const leg of outs) noteCustom(memory, holder, leg.asset, block, { heldBefore: leg.held > 0n, leaves: !raised });
  if (raised) return;
  const [out, into] = [outs[0], ins[0]];
  if (outs.length === 1 && ins.length === 1 && out !== undefined && into !== undefined)
    noteRate(memory, pairOf(holder, out, into), out.amount, into.amount);
  if (outs.length > 0 || ins.length === 0) return;
  const principals = [...principalsOf(view)];
  // Who got claims for it has been paid: the claims say what is owed.
  const gotClaims = (view.flow().net.get(zeroAddress)?.get(holder) ?? 0n) < 0n;
  if (!gotClaims) for (const leg of ins) noteDeposit(memory, holder, leg.asset, leg.amount, block, principals);
  if (isUncalledInflow(view, holder, context.watched) && view.trace!.calls.length > 0)
    addToRing(memory, `donors:${holder}`, principals, 64);
}

/** Z1 over the whole block, for a drain that was cut into many transactions. */
function judgeBlock(
  context: Context,
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

/** Without state: the actors keep what left, and a strong sign stands beside it. */
function judgeBlind(context: Context, dealing: Dealing): boolean {
  if (dealing.outs.length === 0) return false;
  const found = drainSigns(dealing.view, dealing.holder, context.watched, context.memory, {
    block: Number(context.block.ref.number),
    youngBlocks: context.params.youngBlocks,
    infrastructure: infrastructureOf(context),
  });
  const gain = gainOf(dealing, context.watched, found.cluster);
  if (gain.capture < context.params.capture || dealing.ins.length > 0 || !found.signs.some((s) => strong.includes(s)))
    return false;
  context.finding({
    severity: "high",
    class: "anomaly",
    subject: dealing.holder,
    reason: `Assets left ${dealing.holder} to the caller with ${found.signs.join(", ")}; how much it held is not known.`,
    txHash: dealing.view.tx.hash,
    addresses: [...found.cluster].slice(0, 16),
    key: [dealing.view.tx.hash],
    score: gain.capture,
    evidence: {
      flags: ["Z2", ...found.signs],
      holdings: "unknown",
      capture: toPlainNumber(gain.capture),
      out: dealing.outs.map((l) => ({ asset: l.asset, amount: l.amount })),
      source: dealing.view.flow().source,
    },
  });
  return true;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
