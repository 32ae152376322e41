import { z } from "zod";
import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import type { Asset } from "../model/Asset.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import { type DustLimits, dustReads, isDust, readDust } from "../model/Dust.ts";
import type { Address } from "../model/Hex.ts";
import { amountOf, holdingRead } from "../model/Holding.ts";
import { type Holding, keyOf, pairsOf, readHoldings, type Touch } from "../model/HoldingsBook.ts";
import { ringOf } from "../model/Ring.ts";
import { touchedBy } from "../model/touchedBy.ts";

export interface OutflowParams {
  /** Windows in seconds and the share of the holding at their start that may leave, net. */
  readonly windows: readonly { readonly seconds: number; readonly theta: number }[];
  /** Assets followed per protected address; the rest is followed from its first outflow on. */
  readonly maxAssets: number;
}

/**
 * Outflow: what left a protected address over a sliding window, net of what came in, as a share of what it held when
 * the window opened.
 *
 *   share(p,a,W) = max(0, −Σ_W Δ balance) / (B(p,a) now + net out over W)        told at share >= theta(W)
 *
 * Δ is balance(block) − balance(parent), so that a lying or rebasing token's events do not matter, and many small
 * withdrawals add up. high; medium where other assets, of which more than dust was held at the start, came in for at
 * least half of it. Native value, ERC-20 tokens and each ERC-1155 id are assets; an ERC-721 id, of which a holder has
 * everything or nothing, is none.
 * Evasion: below both limits; paying with as large a share of a cheap asset that is held beside it, which makes it medium.
 * Source: flow limits as in Aave v4 and ERC-7265. Defaults: 35 % an hour, 50 % a day, uncalibrated.
 */
export const detectOutflow: Detector<OutflowParams> = {
  meta: {
    id: "outflow",
    version: "1.0.0",
    class: "damage",
    needs: { all: ["L", "S"], degraded: ["T"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#outflow",
    owner: "protocol",
  },
  params: z
    .object({
      windows: z
        .array(
          z.object({ seconds: z.number().int().min(60).max(604_800), theta: z.number().positive().max(1) }).strict(),
        )
        .min(1)
        .max(8),
      maxAssets: z.number().int().positive(),
    })
    .strict(),
  defaults: {
    windows: [
      { seconds: 3_600, theta: 0.35 },
      { seconds: 86_400, theta: 0.5 },
    ],
    maxAssets: 256,
  },
  detect(context) {
    if (!context.block.has.includes("S")) return;
    const touches = context.txs
      .map((view): Touch => ({ view, touched: touchedBy(view, context.watched) }))
      .filter((t) => t.touched.size > 0);
    if (touches.length === 0) return;
    const pairs = pairsOf(touches, context.block.has.includes("T"));
    const book = readHoldings(pairs.values(), (reads) => context.readAll(reads));
    // An ERC-721 id is always held to the full or not at all, and has no share; the drain detector counts collections.
    const moved = [...book.values()].filter(
      (h) => h.parent !== undefined && h.block !== undefined && h.parent !== h.block && !h.isCollection,
    );
    const followed = moved.filter((h) => follow(context, h));
    // All figures first: whether an outflow was paid for depends on the others.
    const outflows = context.params.windows.flatMap((window) =>
      followed.map((holding) => outflowOf(holding, netOver(context, holding, window.seconds), window)),
    );
    const told = outflows.filter((o) => o.share >= o.window.theta);
    const now = readFollowed(context, new Set(told.map((o) => o.holding.holder)));
    for (const outflow of told) tell(context, touches, outflow, now);
  },
};

type Context = DetectContext<OutflowParams>;

/** Anybody can send new tokens to a contract; beyond the limit they are followed only once they leave. */
function follow(context: Context, { holder, asset, parent, block }: Holding): boolean {
  const known = ringOf<string>(context.memory, `assets:${holder}`);
  if (known.includes(asset)) return true;
  if (known.length >= context.params.maxAssets && block! > parent!) return false;
  context.memory.set(`assets:${holder}`, [...known, asset]);
  return true;
}

function netOver(context: Context, { holder, asset, parent, block }: Holding, seconds: number): bigint {
  return context.memory.window(`net:${seconds}:${holder}|${asset}`, seconds, block! - parent!);
}

/** What left of one holding over one window. */
interface Outflow {
  readonly holding: Holding;
  readonly window: OutflowParams["windows"][number];
  readonly net: bigint;
  readonly heldAtStart: bigint;
  /** 0 where nothing left on balance, or nothing in this block. */
  readonly share: number;
}

function outflowOf(holding: Holding, net: bigint, window: Outflow["window"]): Outflow {
  const heldAtStart = holding.block! - net;
  const isOut = net < 0n && holding.block! < holding.parent!;
  return { holding, window, net, heldAtStart, share: isOut ? Math.min(1, ratioOf(-net, heldAtStart)) : 0 };
}

function tell(context: Context, touches: readonly Touch[], outflow: Outflow, now: Followed): void {
  const { holding, window, net, heldAtStart, share } = outflow;
  const { holder, asset } = holding;
  const paid = paidIn(context, now, holder, asset, window.seconds);
  const txs = touches.filter((t) => (t.view.flow().net.get(holder)?.get(asset) ?? 0n) < 0n).map((t) => t.view.tx.hash);
  const [only] = txs;
  context.finding({
    severity: paid * 2 >= share ? "medium" : "high",
    subject: holder,
    reason: `${(share * 100).toFixed(1)} % of ${asset} held by ${holder} left within ${window.seconds} s.`,
    ...(txs.length === 1 && only !== undefined ? { txHash: only } : {}),
    addresses: touches
      .filter((t) => txs.includes(t.view.tx.hash))
      .map((t) => t.view.tx.from)
      .slice(0, 16),
    key: [asset, `${window.seconds}`],
    score: share,
    evidence: {
      asset,
      windowSeconds: window.seconds,
      theta: window.theta,
      uncalibrated: true,
      netOut: -net,
      heldAtStart,
      share: toPlainNumber(share),
      shareIn: toPlainNumber(paid),
      txs: txs.slice(0, 64),
    },
  });
}

/** What concerned addresses hold now of everything that is followed, and where its dust ends. */
interface Followed {
  readonly held: ReadonlyMap<string, bigint>;
  readonly dust: DustLimits;
}

/** Asked in one round and only after an outflow of size. */
function readFollowed(context: Context, holders: ReadonlySet<Address>): Followed {
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
function paidIn(context: Context, now: Followed, holder: Address, lost: Asset, seconds: number): number {
  const others = ringOf<string>(context.memory, `assets:${holder}`).filter((a) => a !== lost);
  const nets = others.map((asset) => context.memory.window(`net:${seconds}:${holder}|${asset}`, seconds, 0n));
  const come = others.map((asset, i) => [asset, nets[i]!] as const).filter(([, net]) => net > 0n);
  return come.reduce((sum, [asset, net]) => {
    const start = (now.held.get(keyOf(holder, asset)) ?? 0n) - net;
    return sum + (start > 0n && !isDust(now.dust, asset, start) ? Math.min(1, ratioOf(net, start)) : 0);
  }, 0);
}
