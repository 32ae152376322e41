// What our own engine found is run again on another one before anybody is told: an engine's fault may hide a finding, never
// make one.
import type { Evm, EvmBlock, EvmOutcome, EvmRead, OpenEvm, StateSource } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import type { NodeEvm } from "../engine/openNodeEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import { compareOutcome } from "./compareOutcome.ts";
import { amountsOf, type Holding } from "./holdings.ts";
import { assertReplayable } from "./replayCapsule.ts";
import { toRun } from "./toRun.ts";
import { watchState } from "./watchedState.ts";
import { expectedOf } from "./withOutcomes.ts";

/** An engine that is not ours. */
export interface Peer {
  readonly name: string;
  open(source: StateSource, block: EvmBlock): Promise<NodeEvm>;
}

/** Null where the token does not answer. */
export interface HoldingChange extends Holding {
  readonly before: bigint | null;
  readonly after: bigint | null;
}

export interface Confirmation {
  readonly ok: boolean;
  readonly engine: string;
  readonly transactions: number;
  /** The first thing that came out otherwise. `tx` is the number of the transaction, from 0; null for a holding. */
  readonly difference: { readonly tx: number | null; readonly expected: string; readonly got: string } | null;
  /** What became of the watched holdings on the other engine. */
  readonly holdings: readonly HoldingChange[];
  /** What was asked there after all, null where there is no answer. */
  readonly answers: readonly (Hex | null)[];
}

export interface ConfirmOptions {
  /** Default: the capsule's own. */
  readonly transactions?: readonly CapsuleTransaction[];
  /** Holdings whose change has to be the same, such as those of who attacks and who is attacked. */
  readonly watch?: readonly Holding[];
  /** Asked there after all. What is answered is told, not compared: it may hang on an engine's clock. */
  readonly ask?: readonly EvmRead[];
  /** Ours; for tests. */
  readonly openEvm?: OpenEvm;
}

/**
 * Runs the transactions of `capsule` on our engine and on `peer`, and compares what came of each: status, logs, gas, and how
 * the watched holdings changed. A record in the capsule has to be met too. Throws what a replay throws where it cannot begin.
 */
export async function confirmOn(peer: Peer, capsule: Capsule, options: ConfirmOptions = {}): Promise<Confirmation> {
  const { transactions = capsule.transactions ?? [], watch = [], ask = [], openEvm = openOurs } = options;
  assertReplayable(capsule, transactions);
  const block = blockOf(capsule, transactions[0]!.blockNumber);
  const ours = await play(await openEvm(watchState(capsule).source, block), capsule, transactions, watch, []);
  const evm = await peer.open(watchState(capsule).source, block);
  try {
    const theirs = await play(evm, capsule, transactions, watch, ask);
    const difference = differenceOf(transactions, ours, theirs);
    const { outcomes, holdings, answers } = theirs;
    const ran = outcomes.length;
    return { ok: difference === null, engine: peer.name, transactions: ran, difference, holdings, answers };
  } finally {
    await evm.close();
  }
}

interface Played {
  readonly outcomes: readonly EvmOutcome[];
  readonly holdings: readonly HoldingChange[];
  readonly answers: readonly (Hex | null)[];
}

async function play(
  evm: Evm,
  capsule: Capsule,
  transactions: readonly CapsuleTransaction[],
  watch: readonly Holding[],
  ask: readonly EvmRead[],
): Promise<Played> {
  const before = await amountsOf(evm, watch);
  const outcomes: EvmOutcome[] = [];
  for (const tx of transactions) outcomes.push(await evm.run(toRun(capsule, tx)));
  const after = await amountsOf(evm, watch);
  const answers: (Hex | null)[] = [];
  for (const read of ask) {
    const answer = await evm.read(read);
    answers.push(answer.ok ? answer.value : null);
  }
  const holdings = watch.map((one, i) => ({ ...one, before: before[i]!, after: after[i]! }));
  return { outcomes, holdings, answers };
}

function differenceOf(
  transactions: readonly CapsuleTransaction[],
  ours: Played,
  theirs: Played,
): Confirmation["difference"] {
  for (const [tx, outcome] of theirs.outcomes.entries()) {
    const own = ours.outcomes[tx]!;
    const found =
      own.kind === "refused"
        ? { expected: `refused as ${own.reason}`, got: "a run that our engine does not know the end of" }
        : (compareOutcome(expectedOf(own), outcome) ?? compareOutcome(transactions[tx]!.expected, outcome));
    if (found !== undefined) return { tx, expected: found.expected, got: found.got };
  }
  const changed = ours.holdings.findIndex((one, i) => textOf(one) !== textOf(theirs.holdings[i]!));
  if (changed < 0) return null;
  return { tx: null, expected: textOf(ours.holdings[changed]!), got: textOf(theirs.holdings[changed]!) };
}

function textOf({ holder, token, before, after }: HoldingChange): string {
  return `${holder} goes from ${before} to ${after} of ${token ?? "ether"}`;
}
