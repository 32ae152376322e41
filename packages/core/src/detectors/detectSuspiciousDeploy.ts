import { z } from "zod";
import type { CallFrame } from "../model/BlockBundle.ts";
import { entriesInto, walk } from "../model/CallTree.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Memory } from "../model/Memory.ts";
import type { TxView } from "../model/TxView.ts";
import { flashCallbacks, flashFunctions } from "../signs/FlashLoan.ts";
import { type Funding, type FundingRules, followFunding, fundingOf } from "../signs/Funding.ts";
import { pushedWords } from "../signs/PushedWords.ts";

export interface SuspiciousDeployParams {
  /** Mixers and bridges: where money comes from whose owner wants not to be known. */
  readonly sources: readonly Address[];
  readonly maxHops: number;
  readonly maxDays: number;
  /** A deployer with fewer transactions than this is new. */
  readonly freshNonce: number;
}

/**
 * A contract that is made to call us by somebody new or unknown (catalogue 17). Signs, each from the creation itself:
 *
 *   names-us: a push of a protected address in its code, or the address among its constructor's data       0.35
 *   calls-us: a selector by which the protected addresses were entered before, in its code                 0.15
 *   flash: a selector of a flash loan, or of a lender's callback, in its code                              0.25
 *   funding: its deployer's money came from a mixer or bridge over at most k hops within d days            0.30
 *   fresh: its deployer has sent fewer than n transactions                                                 0.10
 *
 *   near = names-us, or calls-us with flash. high: near and funding, or names-us with flash · medium: near and fresh ·
 *   nothing else is told. score = the sum, at most 1.
 *
 * Who deployed a protected contract is no stranger. Defaults k 2, d 7, n 5: design judgement. Calibration: none.
 * Sources by default: the four ether pools of Tornado Cash on Ethereum. An opcode n-gram score is left out: without a
 * labelled corpus of our own it would be a number without an error. What a probe of the contract finds is a finding of its
 * own (PRE-06), which turns this alert into an incident with damage.
 * Source: Forta's suspicious-contract-creation and funding bots; SMARTCAT, LookAhead.
 * Evasion: the target's address comes by calldata or from storage, the entry selector is computed, money comes from an
 * exchange, or the attack is the constructor itself (then its transaction is judged, not its code).
 */
export const detectSuspiciousDeploy: Detector<SuspiciousDeployParams> = {
  meta: {
    id: "suspicious-deploy",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["X", "T"], degraded: ["H"] },
    finality: "finalized",
    runbook: "docs/requirements/preblock.md#suspicious-deploy",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      sources: z.array(z.string().regex(/^0x[0-9a-f]{40}$/) as unknown as z.ZodType<Address>),
      maxHops: z.int().min(1).max(8),
      maxDays: z.number().min(0.01).max(90),
      freshNonce: z.int().min(0),
    })
    .strict(),
  defaults: {
    sources: [
      "0x12d66f87a04a9e220743712ce6d9bb1b5616b8fc",
      "0x47ce0c6ed5b0ce3d3a51fdb1c52dc66a7c3c2936",
      "0x910cbd523d972eb0a6f4cae4618ad62622b39dbf",
      "0xa160cdab225685da1d56aa342ad8841c3b53f291",
    ],
    maxHops: 2,
    maxDays: 7,
    freshNonce: 5,
  },
  detect(context) {
    const { memory, watched, params } = context;
    const now = Number(context.block.ref.timestamp);
    const rules = fundingRules(params);
    const entries = entriesOf(memory);
    for (const view of context.txs) {
      if (view.trace === undefined) continue;
      followFunding(memory, [view], now, rules);
      const funding = fundingOf(memory, view.tx.from, now, rules);
      if (!isOurs(context, view.tx.from))
        for (const frame of creationsIn(view.trace)) judge(context, view, frame, { entries, funding });
      for (const visit of entriesInto(view.trace, watched)) entries.add(visit.selector);
    }
    keepEntries(memory, entries);
  },
};

/** Whose money is followed under `params`, and how far. */
export function fundingRules({ sources, maxHops, maxDays }: SuspiciousDeployParams): FundingRules {
  return { sources, maxHops, maxSeconds: maxDays * 86_400 };
}

interface Known {
  readonly entries: ReadonlySet<Hex>;
  readonly funding: Funding | undefined;
}

const weights = { "names-us": 0.35, "calls-us": 0.15, flash: 0.25, funding: 0.3, fresh: 0.1 } as const;
type Sign = keyof typeof weights;

function judge(
  context: DetectContext<SuspiciousDeployParams>,
  { tx }: TxView,
  { to: contract, input, output }: CallFrame,
  { entries, funding }: Known,
): void {
  const { addresses, selectors } = pushedWords(output);
  // What a constructor is given stands behind the init code.
  const named = [...context.watched].find((p) => addresses.has(p) || input.includes(p.slice(2)));
  const flash = [...selectors].filter((name) => flashFunctions.has(name) || flashCallbacks.has(name));
  const called = [...selectors].filter((name) => entries.has(name));
  const has: Record<Sign, boolean> = {
    "names-us": named !== undefined,
    "calls-us": called.length > 0,
    flash: flash.length > 0,
    funding: funding !== undefined,
    fresh: tx.nonce < context.params.freshNonce,
  };
  const isNear = has["names-us"] || (has["calls-us"] && has.flash);
  if (!isNear) return;
  const isHigh = has.funding || (has["names-us"] && has.flash);
  if (!isHigh && !has.fresh) return;
  const signs = (Object.keys(weights) as Sign[]).filter((sign) => has[sign]);
  const subject = named ?? [...context.watched][0]!;
  context.finding({
    severity: isHigh ? "high" : "medium",
    subject,
    reason: `${tx.from} deployed ${contract}, which is made to call ${subject} (${signs.join(", ")}).`,
    txHash: tx.hash,
    addresses: [contract, tx.from],
    key: [contract],
    score: Math.min(1, Math.round(signs.reduce((sum, sign) => sum + weights[sign], 0) * 100) / 100),
    evidence: { contract, deployer: tx.from, nonce: tx.nonce, signs, flash, called, funding: { ...funding } },
  });
}

/** Who made a protected contract, as far as that was seen. */
function isOurs({ watched, deployerOf }: DetectContext<SuspiciousDeployParams>, deployer: Address): boolean {
  return [...watched].some((p) => deployerOf(p)?.includes(deployer) === true);
}

function creationsIn(trace: CallFrame): CallFrame[] {
  return walk(trace)
    .filter(({ frame, reverted }) => !reverted && (frame.type === "CREATE" || frame.type === "CREATE2"))
    .map(({ frame }) => frame);
}

const entriesMax = 64;

function entriesOf(memory: Memory): Set<Hex> {
  return new Set((memory.get("entries") ?? []) as readonly Hex[]);
}

function keepEntries(memory: Memory, entries: ReadonlySet<Hex>): void {
  const before = entriesOf(memory);
  const now = [...entries].filter((name) => name.length === 10).slice(0, entriesMax);
  if (now.length !== before.size) memory.set("entries", now);
}
