import { z } from "zod";
import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Severity } from "../model/Finding.ts";
import { type Address, wordAt } from "../model/Hex.ts";
import { proposeNumber } from "../model/proposeLimit.ts";
import { eventTopic } from "../model/signatureHash.ts";
import type { TxView } from "../model/TxView.ts";
import { findFlashLoans } from "../signs/FlashLoan.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import { answersWithin, offBy } from "./shareInflation/answersWithin.ts";
import { readShares, type ShareChange } from "./shareInflation/readShares.ts";

export interface ShareInflationParams {
  /** Vaults and markets besides the protected addresses, such as those whose shares are taken as collateral. */
  readonly vaults: readonly string[];
  /** Change of worth per share in one block that is told. */
  readonly maxChange: number;
  /** Below this many smallest units a supply can be moved by anybody's gift. */
  readonly tinySupply: bigint;
}

/**
 * Share inflation: a share became worth more, and nobody minted in proportion.
 *
 *   d = (assets' / supply') / (assets / supply) − 1 over the block; told at |d| > x
 *   rise: medium; high at 10 x, with a flash loan beside it, or where the supply before or after is below 1,000 units
 *   fall: medium, as damage: holders lost it
 *   asked twice: the same question about the price of a share, answered within one transaction with more than x between
 *   the lowest and the highest: high (needs T; the price may be back at the end of the block)
 *   asked off: such an answer is more than x off what the same question is answered before and after the block: high
 *   empty deposit: an ERC-4626 Deposit of assets for no shares: critical, as damage: the first depositor was robbed
 *
 * Vaults are known by totalAssets(), markets by exchangeRateStored(), both with totalSupply(). A market whose supply was
 * zero has no price before, so its genesis tells nothing. Source: OpenZeppelin on ERC-4626 inflation; Sonne 2024-05,
 * Hundred 2023-04, Resupply 2025-06, Venus THE 2026-03. Default: x = 0.5 %. Calibration: the 99.99 % quantile of d.
 * Evasion: a rise over many blocks, each below x; shares priced by code of another interface.
 */
export const detectShareInflation: Detector<ShareInflationParams> = {
  meta: {
    id: "share-inflation",
    version: "1.1.0",
    class: "anomaly",
    needs: { all: ["L", "S"], degraded: ["T"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#share-inflation",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      vaults: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)).max(256),
      maxChange: z.number().positive().max(10),
      tinySupply: z.bigint().min(0n),
    })
    .strict(),
  defaults: { vaults: [], maxChange: 0.005, tinySupply: 1_000n },
  calibrate: (observed, settings) =>
    proposeNumber(observed, settings, ["maxChange", "change ", { share: 0.0001, factor: 1, least: 0.0005 }]),
  detect(context) {
    const vaults = new Set([...context.watched, ...context.params.vaults] as Address[]);
    const touching = new Map<Address, TxView[]>();
    for (const view of context.txs)
      for (const vault of touchedBy(view, vaults)) touching.set(vault, [...(touching.get(vault) ?? []), view]);
    if (touching.size === 0) return;
    const views = [...new Set([...touching.values()].flat())];
    for (const view of views) judgeDeposits(context, view, vaults);
    judgeAnswers(context, views, vaults);
    for (const change of readShares(context.memory, touching.keys(), (reads) => context.readAll(reads)))
      judgeChange(context, change, touching.get(change.vault)!);
  },
};

type Context = DetectContext<ShareInflationParams>;

const deposited = eventTopic("Deposit(address,address,uint256,uint256)");

function judgeDeposits(context: Context, view: TxView, vaults: ReadonlySet<Address>): void {
  for (const { address, topics, data, index } of view.logs) {
    if (topics[0] !== deposited || !vaults.has(address)) continue;
    const [assets, shares] = [wordAt(data, 0), wordAt(data, 1)];
    if (assets === undefined || shares !== 0n || assets === 0n) continue;
    tell(context, address, {
      severity: "critical",
      kind: "empty-deposit",
      isDamage: true,
      score: 1,
      reason: `A deposit into ${address} was given no share.`,
      views: [view],
      logIndex: index,
      figures: { assets, shares },
    });
  }
}

/** Tells prices of a share that were two within one transaction, or were those of no block. */
function judgeAnswers(context: Context, views: readonly TxView[], vaults: ReadonlySet<Address>): void {
  for (const { view, vault, input, low, high, around } of answersWithin(context, views, vaults)) {
    const change = ratioOf(high - low, low);
    const off = around.length === 0 ? 0 : Math.min(...around.map((price) => offBy(price, low, high)));
    const isTwice = change > context.params.maxChange;
    if (!isTwice && off <= context.params.maxChange) continue;
    const score = isTwice ? change : off;
    tell(context, vault, {
      severity: "high",
      kind: isTwice ? "asked-twice" : "asked-off",
      score: Math.min(1, score),
      reason: isTwice
        ? `A share of ${vault} had two prices within one transaction, ${percent(change)} apart.`
        : `A share of ${vault} was priced ${percent(off)} off what it is worth before and after the block.`,
      views: [view],
      figures: { question: input.slice(0, 74), low, high, change: toPlainNumber(score) },
    });
  }
}

function judgeChange(context: Context, { vault, kind, before, after }: ShareChange, views: readonly TxView[]): void {
  if (before.supply === 0n || after.supply === 0n || before.assets === 0n) return;
  const change = ratioOf(after.assets * before.supply, before.assets * after.supply) - 1;
  const { maxChange, tinySupply } = context.params;
  context.observe(`change ${vault}`, Math.abs(change));
  if (Math.abs(change) <= maxChange) return;
  const isTiny = before.supply < tinySupply || after.supply < tinySupply;
  const hasLoan = views.some((view) => findFlashLoans(view).length > 0);
  const isGrave = change > 0 && (isTiny || hasLoan || change > 10 * maxChange);
  tell(context, vault, {
    severity: isGrave ? "high" : "medium",
    kind: change > 0 ? "rise" : "fall",
    isDamage: change < 0,
    score: Math.min(1, Math.abs(change) / (20 * maxChange)),
    reason: `A share of ${vault} became worth ${percent(Math.abs(change))} ${change > 0 ? "more" : "less"} within a block.`,
    views,
    figures: {
      kindOfVault: kind,
      assetsBefore: before.assets,
      supplyBefore: before.supply,
      assetsAfter: after.assets,
      supplyAfter: after.supply,
      change: toPlainNumber(change),
      maxChange,
      isTiny,
      hasLoan,
    },
  });
}

interface Inflation {
  readonly severity: Severity;
  readonly kind: string;
  readonly isDamage?: boolean;
  readonly score: number;
  readonly reason: string;
  readonly views: readonly TxView[];
  readonly logIndex?: number;
  readonly figures: Readonly<Record<string, string | number | bigint | boolean>>;
}

function tell(context: Context, vault: Address, told: Inflation): void {
  const { severity, kind, isDamage = false, score, reason, views, logIndex, figures } = told;
  const [only] = views;
  context.finding({
    severity,
    ...(isDamage ? { class: "damage" as const } : {}),
    subject: context.watched.has(vault) ? vault : ([...context.watched][0] ?? vault),
    reason,
    ...(views.length === 1 && only !== undefined ? { txHash: only.tx.hash } : {}),
    ...(logIndex === undefined ? {} : { logIndex }),
    addresses: [vault, ...views.map((v) => v.tx.from)].slice(0, 16),
    key: [vault, kind, ...(views.length === 1 && only !== undefined ? [only.tx.hash] : [])],
    score,
    evidence: { kind, vault, ...figures, txs: views.map((v) => v.tx.hash).slice(0, 64) },
  });
}

function percent(share: number): string {
  return share < 100 ? `${(share * 100).toFixed(2)} %` : `${share.toPrecision(3)} times`;
}
