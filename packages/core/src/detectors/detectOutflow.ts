import { ratioOf, toPlainNumber } from "../math/ratio.ts";
import { announcedOf } from "../model/AnnouncedChange.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import { memoryOf, openDraft } from "../model/Memory.ts";
import type { TxView } from "../model/TxView.ts";
import { type Holding, keyOf, pairsOf, readHoldings, type Touch } from "../signs/HoldingsBook.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import { proposeOutflow } from "./outflow/calibrateOutflow.ts";
import { type Followed, followAll } from "./outflow/Following.ts";
import { type Drift, driftsOf } from "./outflow/judgeDrift.ts";
import { type OutflowParams, type OutflowWindow, outflowParams } from "./outflow/OutflowParams.ts";
import { openPaidIn, readFollowed } from "./outflow/paidIn.ts";
import { sentTo, type Takers, takersOf } from "./outflow/sentTo.ts";

/**
 * Outflow: what left a protected address over a sliding window, net of what came in, as a share of what it held when
 * the window opened.
 *
 *   share(p,a,W) = max(0, −Σ_W Δ balance) / (B(p,a) now + net out over W)        told at share >= theta(a,W)
 *   rate = share · 10,000 / W in bps a second: a window below a minute is a limit on the rate, net over the next longer,
 *   and told where no longer one is
 *   cusum: S = max(0, S + x − mean − k) > h, x = share out in an hour, for what leaks below all windows      medium
 *   bucket: what left, less cap / W a second, reaches cap = a share of the holding      medium
 *
 * Δ is balance(block) − balance(parent), so that a lying or rebasing token's events do not matter, and many small
 * withdrawals add up. high; medium where other assets, of which more than dust was held at the start, came in for at
 * least half of it, where at least nine tenths went to other protected addresses in the same transactions (a rebalance),
 * where the calendar names it (a migration), or where the rate alone is above a default. Native value, ERC-20 tokens and each ERC-1155 id are assets; an ERC-721 id, of which a holder has
 * everything or nothing, is none.
 * Evasion: below both limits; paying with as large a share of a cheap asset that is held beside it, which makes it medium.
 * Source: flow limits as in Aave v4 and ERC-7265; Page 1954. Defaults, uncalibrated: 25 % in 10 s, 35 % an hour, 50 % a
 * day, k 1 % an hour, h 40 %, no bucket. Calibration: per asset and window 1.2 times the peak of 30 days.
 */
export const detectOutflow: Detector<OutflowParams> = {
  meta: {
    id: "outflow",
    version: "1.2.0",
    class: "damage",
    needs: { all: ["L", "S"], degraded: ["T"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#outflow",
    owner: "protocol",
  },
  frameLogs: [],
  params: outflowParams,
  defaults: {
    windows: [
      { seconds: 10, theta: 0.25 },
      { seconds: 3_600, theta: 0.35 },
      { seconds: 86_400, theta: 0.5 },
    ],
    limits: [],
    cusum: { slack: 0.01, limit: 0.4 },
    bucket: null,
    announced: [],
    maxAssets: 256,
  },
  calibrate: proposeOutflow,
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
    const following = followAll(context.memory, context.params, moved);
    const takers = takersOf(touches);
    // All figures first: whether an outflow was paid for depends on the others.
    const passing = memoryOf(openDraft(new Map()), "", context.block.ref.timestamp);
    const told = following.followed.flatMap((one) => {
      const memory = one.isPassing ? passing : context.memory;
      const reached = outflowsOf({ ...context, memory }, takers, one);
      // What a window tells is not told as a leak besides.
      const drifts = driftsOf(memory, context.params, one.holding, Number(context.block.ref.timestamp));
      if (reached.length === 0) for (const drift of drifts) tellDrift(context, takers, one.holding, drift);
      return reached;
    });
    following.forget();
    const now = readFollowed(context, new Set(told.map((o) => o.holding.holder)));
    const paidIn = openPaidIn(context, now);
    for (const one of told) tell(context, takers, one, paidIn(one.holding.holder, one.window.seconds));
  },
};

type Context = DetectContext<OutflowParams>;

function movedOf({ parent, block }: Holding): bigint {
  return block! - parent!;
}

function netOver(context: Context, holding: Holding, seconds: number): bigint {
  return context.memory.window(`net:${seconds}:${keyOf(holding.holder, holding.asset)}`, seconds, movedOf(holding));
}

/** What left of one holding over one window. */
interface Outflow {
  readonly holding: Holding;
  readonly window: OutflowWindow;
  /** The window's limit, or the asset's own. */
  readonly theta: number;
  readonly net: bigint;
  readonly heldAtStart: bigint;
  /** What went to other protected addresses in the transactions that took it. */
  readonly within: bigint;
  /** 0 where nothing left on balance, or nothing in this block. */
  readonly share: number;
}

// Below this a window is a limit on the rate: a block or a few.
const shortSeconds = 60;

/** The windows whose limit is reached. A short one only where no longer one is, and net of what came in over the next longer. */
function outflowsOf(context: Context, takers: Takers, { holding, isPassing }: Followed): Outflow[] {
  const windows = context.params.windows.toSorted((a, b) => a.seconds - b.seconds);
  const nets = windows.map(({ seconds }) => (isPassing ? movedOf(holding) : netOver(context, holding, seconds)));
  const movedNow = sentTo(takers, holding.holder, holding.asset, context.watched);
  const all = windows.map((window, i) => {
    const longer = nets[i + 1];
    const net = window.seconds < shortSeconds && longer !== undefined && longer > nets[i]! ? longer : nets[i]!;
    return outflowOf(context, holding, net, window, movedNow);
  });
  const reached = all.filter((o) => o.share >= o.theta);
  const isLong = ({ window }: Outflow) => window.seconds >= shortSeconds;
  return reached.some(isLong) ? reached.filter(isLong) : reached;
}

/** The asset's own limit: that of its holder, else that of any. */
function limitOf({ limits }: OutflowParams, { holder, asset }: Holding, { seconds }: OutflowWindow) {
  const own = limits.filter((limit) => limit.asset === asset && limit.seconds === seconds);
  return own.find((limit) => limit.holder === holder) ?? own.find((limit) => limit.holder === undefined);
}

function outflowOf(context: Context, holding: Holding, net: bigint, window: OutflowWindow, movedNow: bigint): Outflow {
  const { memory, params } = context;
  const { holder, asset } = holding;
  const heldAtStart = holding.block! - net;
  const isOut = net < 0n && holding.block! < holding.parent!;
  const key = `within:${window.seconds}:${keyOf(holder, asset)}`;
  // Most holdings never see such a move, and have no cell for it.
  const within = movedNow > 0n || memory.get(key) !== undefined ? memory.window(key, window.seconds, movedNow) : 0n;
  const limit = limitOf(params, holding, window);
  const share = isOut ? Math.min(1, ratioOf(-net, heldAtStart)) : 0;
  if (share > 0) context.observe(`${holder}|${asset}|${window.seconds}`, share);
  return { holding, window, theta: limit?.theta ?? window.theta, net, heldAtStart, within, share };
}

/** Nine tenths, so that a fee on the way does not make a stranger of the receiver. */
function isMost(part: bigint, whole: bigint): boolean {
  return part * 10n >= whole * 9n;
}

/** Whether the calendar names an outflow of `holder` now; to the addresses that it names, where it names any. */
function isAnnounced(context: Context, takers: Takers, { holder, asset, parent, block }: Holding): boolean {
  const now = Number(context.block.ref.timestamp);
  const targets = context.params.announced.flatMap(({ address, values }) => (address === holder ? values : []));
  const isThere = isMost(sentTo(takers, holder, asset, targets), parent! - block!);
  const text = isThere ? targets.join() : "";
  return announcedOf(context.params.announced, { address: holder, now, text }) !== undefined;
}

function tell(context: Context, takers: Takers, outflow: Outflow, paid: number): void {
  const { holding, window, theta, net, heldAtStart, within, share } = outflow;
  const { holder, asset } = holding;
  const announced = isAnnounced(context, takers, holding);
  const isUncalibrated = limitOf(context.params, holding, window) === undefined;
  const isExplained =
    paid * 2 >= share || isMost(within, -net) || announced || (isUncalibrated && window.seconds < shortSeconds);
  const views = takers.get(keyOf(holder, asset)) ?? [];
  context.finding({
    severity: isExplained ? "medium" : "high",
    subject: holder,
    reason: `${(share * 100).toFixed(1)} % of ${asset} held by ${holder} left within ${window.seconds} s.`,
    ...partiesOf(views),
    key: [asset, `${window.seconds}`],
    score: share,
    evidence: {
      asset,
      windowSeconds: window.seconds,
      theta,
      uncalibrated: isUncalibrated,
      netOut: -net,
      heldAtStart,
      share: toPlainNumber(share),
      rateBpsPerSecond: toPlainNumber((share * 10_000) / window.seconds),
      shareIn: toPlainNumber(paid),
      sentWithin: within,
      announced,
      txs: views.map((v) => v.tx.hash).slice(0, 64),
    },
  });
}

function tellDrift(context: Context, takers: Takers, holding: Holding, drift: Drift): void {
  const { holder, asset } = holding;
  const { kind, level, limit, figures } = drift;
  const views = takers.get(keyOf(holder, asset)) ?? [];
  context.finding({
    severity: "medium",
    subject: holder,
    reason: `${asset} leaks from ${holder}: ${kind === "cusum" ? "what left each hour adds up to" : "its bucket is filled to"} ${(level * 100).toFixed(1)} %.`,
    ...partiesOf(views),
    key: [asset, kind],
    score: Math.min(1, level / (2 * limit)),
    evidence: {
      asset,
      kind,
      level: toPlainNumber(level),
      limit,
      announced: isAnnounced(context, takers, holding),
      ...Object.fromEntries(
        Object.entries(figures).map(([name, v]) => [name, typeof v === "number" ? toPlainNumber(v) : v]),
      ),
      txs: views.map((v) => v.tx.hash).slice(0, 64),
    },
  });
}

function partiesOf(takers: readonly TxView[]) {
  const [only] = takers;
  return {
    ...(takers.length === 1 && only !== undefined ? { txHash: only.tx.hash } : {}),
    addresses: takers.map((v) => v.tx.from).slice(0, 16),
  };
}
