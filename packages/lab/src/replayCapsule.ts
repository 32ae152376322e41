import type { Evm, EvmBlock, EvmOutcome, OpenEvm } from "@testudo/core/model/Evm";
import { blockOf } from "./blockOf.ts";
import type { Capsule, CapsuleTransaction } from "./Capsule.ts";
import { assertRules } from "./chainRules.ts";
import { compareOutcome, type Difference } from "./compareOutcome.ts";
import { explainDivergence, nowhere, type Place } from "./explainDivergence.ts";
import { hardforkOf } from "./hardforkOf.ts";
import { openEvm as openOurs } from "./openEvm.ts";
import { createStepTree } from "./StepTree.ts";
import { type Missing, watchState } from "./watchedState.ts";

/** What a replay answers. `transactions` is how many ran; the first that differs ends it. */
export interface ReplayReport {
  readonly ok: boolean;
  readonly transactions: number;
  readonly divergence: Divergence | null;
}

/** The first difference of a replay from its record. `tx` is the hash, or `#n` of the n-th where it has none. */
export interface Divergence extends Place {
  readonly tx: string;
  readonly expected: string;
  readonly got: string;
}

export interface Replay {
  readonly report: ReplayReport;
  /** What came of each transaction that ran. */
  readonly outcomes: readonly EvmOutcome[];
  /** What the replay asked for and the capsule does not have. */
  readonly missing: Missing;
}

export interface ReplayOptions {
  /** What is executed; default: the capsule's own. */
  readonly transactions?: readonly CapsuleTransaction[];
  readonly openEvm?: OpenEvm;
}

/**
 * Executes transactions on the state of `capsule` and compares each with its record, as far as it has one. Throws
 * `NothingToReplay`, `UnknownChain`, `UnknownRules` or `RulesChange`.
 */
export async function replayCapsule(capsule: Capsule, options: ReplayOptions = {}): Promise<Replay> {
  const transactions = options.transactions ?? capsule.transactions ?? [];
  assertReplayable(capsule, transactions);
  const { source, missing } = watchState(capsule);
  const evm = await (options.openEvm ?? openOurs)(source, blockOf(capsule, transactions[0]!.blockNumber));
  const outcomes: EvmOutcome[] = [];
  for (const tx of transactions) {
    const outcome = await evm.run(toRun(capsule, tx));
    outcomes.push(outcome);
    const difference = compareOutcome(tx.expected, outcome);
    if (difference === undefined) continue;
    const divergence = await diverged(capsule, transactions.slice(0, outcomes.length), difference, outcome);
    return { report: { ok: false, transactions: outcomes.length, divergence }, outcomes, missing: missing() };
  }
  return { report: { ok: true, transactions: outcomes.length, divergence: null }, outcomes, missing: missing() };
}

/** `tx` of `capsule` as an engine runs it. */
export function toRun(capsule: Capsule, { blockNumber, ...tx }: CapsuleTransaction) {
  const { chainId, hardfork, ...block } = blockOf(capsule, blockNumber);
  return { ...tx, block };
}

/** Throws where `transactions` cannot be run by one set of rules, or there are none. */
export function assertReplayable(capsule: Capsule, transactions: readonly CapsuleTransaction[]): void {
  assertRules(capsule);
  if (transactions.length === 0) throw new NothingToReplay(capsule.name);
  const blocks = transactions.map((tx) => blockOf(capsule, tx.blockNumber));
  const forks = [...new Set(blocks.map(rulesOf))];
  if (forks.length > 1) throw new RulesChange(capsule.name, forks);
}

function rulesOf(block: EvmBlock): string {
  return hardforkOf(block) ?? "older than cancun";
}

async function diverged(
  capsule: Capsule,
  transactions: readonly CapsuleTransaction[],
  difference: Difference,
  outcome: EvmOutcome,
): Promise<Divergence> {
  const last = transactions.at(-1)!;
  const steps = outcome.kind === "refused" ? undefined : await stepsOf(capsule, transactions, outcome);
  const { expected, got, ...place } = {
    ...nowhere,
    ...difference,
    ...explainDivergence(difference, last.expected, outcome, steps),
  };
  const { path, pc, opcode } = place;
  return { tx: last.hash ?? `#${transactions.length}`, path, pc, opcode, expected, got };
}

/** The operations of the last of `transactions`, from the engine that tells them; undefined where it comes to another end. */
async function stepsOf(capsule: Capsule, transactions: readonly CapsuleTransaction[], outcome: EvmOutcome) {
  const { openEthereumjs } = await import("./openEthereumjs.ts");
  const tree = createStepTree();
  const { source } = watchState(capsule);
  const evm = await openEthereumjs(source, blockOf(capsule, transactions[0]!.blockNumber), tree);
  const again = await runAll(evm, capsule, transactions);
  const isSame = again?.kind === "ran" && outcome.kind === "ran" && again.gasUsed === outcome.gasUsed;
  return isSame ? tree.root() : undefined;
}

async function runAll(evm: Evm, capsule: Capsule, transactions: readonly CapsuleTransaction[]) {
  let outcome: EvmOutcome | undefined;
  for (const tx of transactions) outcome = await evm.run(toRun(capsule, tx));
  return outcome;
}

/** A capsule holds no transactions, and none were given. A fault of the caller. */
export class NothingToReplay extends Error {
  override readonly name = "NothingToReplay";
  constructor(capsule: string) {
    super(
      [
        `"${capsule}" holds no transactions.`,
        "- A capsule may be state alone; what is done to it then comes from a file.",
        "- Name one: `--tx FILE`, a JSON array of transactions (docs/capsule.md).",
      ].join("\n"),
    );
  }
}

/** Transactions of a capsule ran under different rules. Not retryable. */
export class RulesChange extends Error {
  override readonly name = "RulesChange";
  constructor(capsule: string, forks: readonly string[]) {
    super(
      [
        `"${capsule}" goes over a change of rules: ${forks.join(", ")}.`,
        "- A capsule is replayed by one set of rules.",
        "- Record one capsule before the change and one after it.",
      ].join("\n"),
    );
  }
}
