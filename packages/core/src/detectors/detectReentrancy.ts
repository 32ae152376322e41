import { z } from "zod";
import { actorCluster } from "../model/ActorCluster.ts";
import { entriesInto, findReentries, type Reentry, type Visit } from "../model/CallTree.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Severity } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { TxView } from "../model/TxView.ts";
import { callbackByDesign } from "../signs/DrainSign.ts";
import { isReading } from "../signs/isReading.ts";
import { isHandOver, tokenHooks } from "../signs/PoolCallback.ts";
import { findOpenReads, type OpenRead } from "./reentrancy/findOpenReads.ts";

export interface ReentrancyParams {
  /** Selectors of protected functions that may be entered while another call is open, such as a pool's callback. */
  readonly allowedInner: readonly string[];
  /** Selectors of protected functions that hand control to the caller by design, beside flash loans and `unlock`. */
  readonly allowedOuter: readonly string[];
}

/** Callbacks by which pools and token standards answer a call; the callee must check its caller itself. */
const standardCallbacks: ReadonlySet<string> = new Set([
  "0xfa461e33", // uniswapV3SwapCallback
  "0xd3487997", // uniswapV3MintCallback
  "0xe9cbafb0", // uniswapV3FlashCallback
  "0x10d1e85c", // uniswapV2Call
  ...tokenHooks.keys(),
  "0x", // a plain payment
]);

const selectors = z.array(z.string().regex(/^0x[0-9a-f]{8}$/));

/**
 * Reentrancy: a call into the protected set while another call into it is still open, with foreign code in between.
 *
 *   high: the re-entering path runs through the actors' own contracts and may write; or through them while value leaves
 *   medium: it runs through other contracts only · low: the outer call is a flash loan or `unlock`
 *   read-only (high with value out of the set in that transaction, else medium): foreign code of the actors holds
 *   control inside an open call, and a third party reads a view of the protected set and goes on to move assets
 *   open read (high with value out of the set, else medium): the same with the parts exchanged, the protected address
 *   is the third party and reads a view of a foreign contract that the actors hold open
 *
 * A lender's or pool's callback is a re-entry only where the actors call it themselves. Calls that hand over control by
 * design, and the callbacks by which pools and lenders do, make no open read: what they may deceive with is a price, see
 * impact-then-use. A call tree does not show storage writes, so "not static, and no view of a standard" stands for "may write". Paths that stay within
 * the set, standard callbacks and `allowedInner` are not re-entries.
 * Evasion: an old contract of the attacker in between (medium); a standard callback's selector as the entry.
 * Source: SEC-cross-contract reentrancy as in GMX v1 (2025-07) and read-only reentrancy as in Curve's get_virtual_price.
 * Default: no inner call is allowed beside the standard ones. Calibration: none, a re-entry is there or not; what a protocol
 * does by design is named in `allowedInner`.
 */
export const detectReentrancy: Detector<ReentrancyParams> = {
  meta: {
    id: "reentrancy",
    version: "1.1.0",
    class: "anomaly",
    needs: { all: ["T"], degraded: ["H"] },
    finality: "finalized",
    runbook: "docs/requirements/detectors.md#reentrancy",
    owner: "protocol",
  },
  frameLogs: [],
  params: z.object({ allowedInner: selectors, allowedOuter: selectors }).strict(),
  defaults: { allowedInner: [], allowedOuter: [] },
  detect(context) {
    for (const view of context.txs) {
      if (view.trace === undefined || entriesInto(view.trace, context.watched).length === 0) continue;
      let known: ReadonlySet<Address> | undefined;
      const clusterOf = () => {
        known ??= actorCluster(view, context.watched, context.deployerOf);
        return known;
      };
      const { allowedOuter } = context.params;
      const open = findOpenReads(view, context.watched, clusterOf).filter(({ outer }) => {
        const entry = outer.selector;
        return !callbackByDesign.has(entry) && !allowedOuter.includes(entry);
      });
      tellOpen(context, view, open);
      const reentries = findReentries(view.trace, context.watched);
      if (reentries.length === 0) continue;
      tellWriting(
        context,
        view,
        reentries.filter((r) => !isReading(r.inner)),
        clusterOf(),
      );
      tellReading(
        context,
        view,
        reentries.filter((r) => isReading(r.inner)),
        clusterOf(),
      );
    }
  },
};

type Context = DetectContext<ReentrancyParams>;

function tellWriting(
  context: Context,
  view: TxView,
  reentries: readonly Reentry[],
  cluster: ReadonlySet<Address>,
): void {
  const { allowedInner, allowedOuter } = context.params;
  const hostile = reentries.filter(({ inner }) => {
    const entry = inner.selector;
    if (standardCallbacks.has(entry) || allowedInner.includes(entry)) return false;
    // A lender or pool answers who asked it; the actors have none.
    return !isHandOver(entry) || cluster.has(inner.parent!.context);
  });
  const graded = hostile.map((r): [Reentry, Severity] => {
    const outer = r.outer.selector;
    if (callbackByDesign.has(outer) || allowedOuter.includes(outer)) return [r, "low"];
    return [r, r.via.some((a) => cluster.has(a)) ? "high" : "medium"];
  });
  const worst = graded.find(([, s]) => s === "high") ?? graded.find(([, s]) => s === "medium") ?? graded[0];
  if (worst !== undefined) tell(context, view, worst[0], worst[1], "write", hostile.length);
}

function tellReading(
  context: Context,
  view: TxView,
  reentries: readonly Reentry[],
  cluster: ReadonlySet<Address>,
): void {
  // The actor's own look at a view harms nobody; a third party that prices by it may be deceived.
  const deceived = reentries.filter((r) => {
    const reader = r.inner.parent!.context;
    return !cluster.has(reader) && r.via.some((a) => cluster.has(a)) && isUserOfPrice(r);
  });
  const [first] = deceived;
  if (first === undefined) return;
  tell(context, view, first, paysOut(context, view) ? "high" : "medium", "read", deceived.length);
}

function paysOut(context: Context, view: TxView): boolean {
  return [...context.watched].some((a) => [...(view.flow().net.get(a)?.values() ?? [])].some((n) => n < 0n));
}

function tellOpen(context: Context, view: TxView, reads: readonly OpenRead[]): void {
  const [first] = reads;
  if (first === undefined) return;
  const { outer, user, inner, via } = first;
  const severity = paysOut(context, view) ? "high" : "medium";
  context.finding({
    severity,
    subject: user.context,
    reason: `${user.context} relied on ${inner.context} (${inner.selector}) while its ${outer.selector} was still open.`,
    txHash: view.tx.hash,
    addresses: [inner.context, ...via].slice(0, 16),
    key: [view.tx.hash, "open-read"],
    score: scoreOf[severity],
    evidence: {
      kind: "open-read",
      outer: place(outer),
      user: place(user),
      inner: place(inner),
      via,
      count: reads.length,
    },
  });
}

const scoreOf: Readonly<Record<Severity, number>> = { info: 0, low: 0.25, medium: 0.5, high: 1, critical: 1 };

/** Whether the reading call belongs to somebody whom the actor called in order to change state. */
function isUserOfPrice({ inner, outer }: Reentry): boolean {
  let caller: Visit | undefined = inner.parent;
  while (caller?.isStatic === true) caller = caller.parent;
  return caller !== undefined && caller.order > outer.order;
}

function tell(
  context: Context,
  view: TxView,
  reentry: Reentry,
  severity: Severity,
  kind: "read" | "write",
  count: number,
): void {
  const { outer, inner, via } = reentry;
  context.finding({
    severity,
    subject: inner.context,
    reason:
      kind === "write"
        ? `${inner.context} was entered again (${inner.selector}) while its ${outer.selector} was still open.`
        : `${inner.context} was read by a third party (${inner.selector}) while its ${outer.selector} was still open.`,
    txHash: view.tx.hash,
    addresses: via.slice(0, 16),
    key: [view.tx.hash, kind],
    score: scoreOf[severity],
    evidence: {
      kind,
      outer: place(outer),
      inner: place(inner),
      via,
      count,
      entries: entriesInto(view.trace!, context.watched).length,
    },
  });
}

function place(visit: Visit): { address: Address; selector: Hex; order: number; depth: number } {
  return { address: visit.context, selector: visit.selector, order: visit.order, depth: visit.depth };
}
