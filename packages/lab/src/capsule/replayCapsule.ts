import type { Evm, EvmBlock, EvmOutcome, OpenEvm } from "@testudo/core/model/Evm";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import { assertRules } from "../record/chainRules.ts";
import { hardforkOf } from "../record/hardforkOf.ts";
import { compareOutcome } from "./compareOutcome.ts";
import { type Divergence, explainDivergence } from "./explainDivergence.ts";
import { toRun } from "./toRun.ts";
import { type Missing, watchState } from "./watchedState.ts";

/** What a replay answers. `transactions` is how many ran; the first that differs ends it. */
export interface ReplayReport {
  readonly ok: boolean;
  readonly transactions: number;
  readonly divergence: Divergence | null;
}

export interface Replay {
  readonly report: ReplayReport;
  /** What the replay asked for and the capsule does not have. */
  readonly missing: Missing;
}

export interface ReplayOptions {
  /** What is executed; default: the capsule's own. */
  readonly transactions?: readonly CapsuleTransaction[];
  readonly openEvm?: OpenEvm;
  /** Told what came of each transaction. None is kept here: the call tree of a hostile one has a gigabyte. */
  readonly onOutcome?: (outcome: EvmOutcome, tx: CapsuleTransaction) => void;
}

/** Most gas of a replay whose place is looked for by its operations: what tells them takes up to a second for a million gas. */
const explainedGasMax = 40_000_000n;

/**
 * Executes transactions on the state of `capsule` and compares each with its record, as far as it has one. Throws
 * `NothingToReplay`, `UnknownChain`, `UnknownRules`, `RulesChange` or `ReplayTooLarge`.
 */
export async function replayCapsule(capsule: Capsule, options: ReplayOptions = {}): Promise<Replay> {
  const transactions = options.transactions ?? capsule.transactions ?? [];
  assertReplayable(capsule, transactions);
  const { source, missing } = watchState(capsule);
  const evm = await (options.openEvm ?? openOurs)(source, blockOf(capsule, transactions[0]!.blockNumber));
  let spent = 0n;
  for (const [i, tx] of transactions.entries()) {
    const outcome = await runBounded(evm, capsule, tx, i);
    spent += outcome.kind === "ran" ? outcome.gasUsed : 0n;
    options.onOutcome?.(outcome, tx);
    const difference = compareOutcome(tx.expected, outcome);
    if (difference === undefined) continue;
    const isShort = spent <= explainedGasMax;
    const divergence = await explainDivergence(capsule, transactions.slice(0, i + 1), difference, outcome, isShort);
    return { report: { ok: false, transactions: i + 1, divergence }, missing: missing() };
  }
  return { report: { ok: true, transactions: transactions.length, divergence: null }, missing: missing() };
}

async function runBounded(evm: Evm, capsule: Capsule, tx: CapsuleTransaction, index: number): Promise<EvmOutcome> {
  try {
    return await evm.run(toRun(capsule, tx));
  } catch (error) {
    if (error instanceof EngineMemoryExhausted) throw new ReplayTooLarge(tx.hash ?? `#${index + 1}`, error);
    throw error;
  }
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

/** A transaction makes more calls and logs than an engine remembers. Not retryable. */
export class ReplayTooLarge extends Error {
  override readonly name = "ReplayTooLarge";
  constructor(tx: string, cause: Error) {
    super(
      [
        `Transaction ${tx} takes more memory than a replay has.`,
        "- State, code, and the call tree with all inputs have a gigabyte together.",
        "- Give it less gas, or trace it on a node.",
      ].join("\n"),
      { cause },
    );
  }
}
