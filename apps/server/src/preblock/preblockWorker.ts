// Runs what waits in a pool, and probes new contracts, on a thread of its own: whoever shows a transaction pays nothing for it, and
// what it does may take long. The thread has no node and no key: it asks the main thread, for state by the hash of a judged block.
import { workerData } from "node:worker_threads";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { openEvm } from "@testudo/lab/engine/openEvm";
// Loading it when the first transaction comes would take half a second of its time.
import "@testudo/lab/engine/openTestudo";
import { mostGasOfCall } from "@testudo/lab/probe/mostGasOfCall";
import { probeLimits } from "@testudo/lab/probe/probeContract";
import { isOfNode } from "../jobs/thread/isOfNode.ts";
import { type Ask, serveOrders } from "../jobs/thread/serveOrders.ts";
import { sizeOfTrace } from "../reexecute/sizeOfTrace.ts";
import { type NodeName, nodesBehind } from "./NodeQuestion.ts";
import { openNamedTokens } from "./namedTokens.ts";
import { type HeadState, openHeadStates } from "./openHeadState.ts";
import { type Creation, type ProbedCall, probeCreation } from "./probeCreations.ts";
import { type TriedPending, tryPending } from "./tryPending.ts";

/** What the thread is started with. */
export interface PreblockData {
  readonly nodes: readonly NodeName[];
  readonly chainId: number;
  readonly hardfork?: string;
  readonly watched: readonly Address[];
}

export type PreblockOrder =
  /** Runs `tx` on the state after `on`, after those of `before` that are not included yet. The state stands after it until the next order. */
  | { readonly kind: "try"; readonly on: BlockRef; readonly tx: PendingTx; readonly before: readonly PendingTx[] }
  /** Asks for state around the transaction that was tried last, whose block has the hash `of`. */
  | { readonly kind: "read"; readonly of: Hex; readonly reads: readonly StateRead[] }
  /** Probes `creation` for `ms`, or as long as a block takes; `tokens` came to the protected addresses, or went. */
  | {
      readonly kind: "probe";
      readonly on: BlockRef;
      readonly creation: Creation;
      readonly tokens: readonly Address[];
      readonly ms: number | undefined;
    };

/** What came of a transaction. */
export type TriedReport =
  /** No node has the block. */
  | { readonly kind: "no-state" }
  | (TriedFacts &
      (
        | { readonly kind: "used" }
        | { readonly kind: "refused"; readonly detail: string; readonly isCostly: boolean }
        | { readonly kind: "reverts" }
        /** Its call tree is larger than may be passed on. */
        | { readonly kind: "too-large"; readonly detail: string }
        | { readonly kind: "ran"; readonly input: NonNullable<TriedPending["input"]> }
      ));

export interface TriedFacts {
  /** The sender's next nonce. */
  readonly next: bigint;
  /** Of the block that it was tried in. */
  readonly baseFeeWei: bigint;
  /** Questions that went to a node for it. */
  readonly misses: number;
}

export type ProbedReport =
  | { readonly kind: "no-state" }
  /** `gas`: what a call of it may burn. */
  | { readonly kind: "probed"; readonly probed: ProbedCall; readonly gas: bigint };

export type PreblockReport = TriedReport | ProbedReport | { readonly kind: "answers"; readonly answers: StateAnswer[] };

// It goes through two threads on its way to the detectors, and the main one must not be busy with it for long.
const mostSize = 8 * 2 ** 20;

const { nodes, chainId, hardfork, watched } = workerData as PreblockData;
let asking: Ask = () => Promise.reject(new Error("nothing is under way"));
const endpoints = nodesBehind(nodes, (asked) => asking(asked));
const stateAt = openHeadStates({ endpoints, openEvm, chainId, ...(hardfork === undefined ? {} : { hardfork }) });
const tokensOn = openNamedTokens(watched);
let tried: TriedPending | undefined;

serveOrders<PreblockOrder, PreblockReport>(async (order, ask) => {
  asking = ask;
  if (order.kind === "read") return { kind: "answers", answers: await read(order.of, order.reads) };
  tried?.undo();
  tried = undefined;
  for (let others = nodes.length - 1; ; others -= 1) {
    const head = await stateAt(order.on);
    if (head === undefined) return { kind: "no-state" };
    try {
      return await (order.kind === "try" ? tryOn(head, order.tx, order.before) : probeOn(head, order));
    } catch (error) {
      if (!(error instanceof Error) || !isOfNode(error.name)) throw error;
      head.leave();
      if (others <= 0) throw error;
    }
  }
});

async function tryOn(head: HeadState, tx: PendingTx, before: readonly PendingTx[]): Promise<TriedReport> {
  const asked = head.state.asked();
  const next = (await head.state.account(tx.from))?.nonce ?? 0n;
  const facts = () => ({ next, baseFeeWei: head.block.baseFeePerGas, misses: head.state.asked() - asked });
  // What was included already, or was signed long ago, goes before nothing.
  if (BigInt(tx.nonce) < next) return { kind: "used", ...facts() };
  const open = before.filter(({ nonce }) => BigInt(nonce) >= next);
  tried = await tryPending(head, tx, open);
  const { outcome, input } = tried;
  if (outcome.kind === "refused")
    return { kind: "refused", detail: outcome.detail, isCostly: outcome.reason === "costly", ...facts() };
  if (input === undefined) return { kind: "reverts", ...facts() };
  if (sizeOfTrace(outcome.trace) > mostSize) {
    const detail = `its call tree is larger than ${mostSize / 2 ** 20} Mi characters.`;
    return { kind: "too-large", detail, ...facts() };
  }
  return { kind: "ran", input, ...facts() };
}

async function read(of: Hex, reads: readonly StateRead[]): Promise<StateAnswer[]> {
  if (tried?.input?.bundle.ref.hash !== of) throw new Error("what was tried is here no more.");
  return tried.answer(reads);
}

async function probeOn(
  head: HeadState,
  { creation, tokens, ms = Math.min(probeLimits.ms, blockMsOf(head)) }: Extract<PreblockOrder, { kind: "probe" }>,
): Promise<ProbedReport> {
  const ground = { watched, tokensOn: (evm: HeadState["evm"]) => tokensOn(evm, tokens), ms };
  const probed = await probeCreation(head, openEvm, creation, ground);
  return { kind: "probed", probed, gas: mostGasOfCall(head.block) };
}

/** How long a block takes here, in milliseconds. */
function blockMsOf({ ref, block }: HeadState): number {
  return 1_000 * Number(block.timestamp - ref.timestamp);
}
