import { logsOf } from "@testudo/core/model/CallTree";
import type { Evm, EvmOutcome, EvmTransaction } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import { ReplayTooLarge } from "../capsule/replayCapsule.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule } from "../record/Capsule.ts";
import { type GasPlan, unlessTooLarge, withGas } from "./gateGas.ts";
import type { PlacedTx, TxRun } from "./TxRun.ts";

/** All transactions of `capsule` in their order. */
export function placeTransactions({ transactions = [] }: Capsule): readonly PlacedTx[] {
  return transactions.map((tx, index) => ({ index, tx, role: tx.role ?? "benign" }));
}

export interface PlayOptions {
  /** Gas to try, one plan after the other until `isGood`; the last is kept in any case. Default: what was recorded. */
  readonly plansFor?: (placed: PlacedTx) => readonly GasPlan[];
  readonly isGood?: (run: TxRun) => boolean;
  /** Sees each outcome; nothing is kept of its call tree here. */
  readonly onOutcome?: (outcome: EvmOutcome, placed: PlacedTx) => void | Promise<void>;
  readonly before?: (placed: PlacedTx) => void | Promise<void>;
}

/** Runs `placed` one after the other on `evm`, and tells what came of each. */
export async function playTransactions(
  evm: Evm,
  capsule: Capsule,
  placed: readonly PlacedTx[],
  options: PlayOptions = {},
): Promise<readonly TxRun[]> {
  const runs: TxRun[] = [];
  for (const one of placed) {
    await options.before?.(one);
    const { outcome, ran } = await runOne(evm, capsule, one, options);
    await options.onOutcome?.(outcome, one);
    runs.push(ran);
  }
  return runs;
}

async function runOne(evm: Evm, capsule: Capsule, one: PlacedTx, { plansFor, isGood = () => true }: PlayOptions) {
  const [first = "recorded", ...more] = plansFor?.(one) ?? [];
  const runBy = async (plan: GasPlan) => {
    const asked = withGas(capsule, one.tx, plan);
    const outcome = await run(evm, asked, one);
    return { outcome, ran: toTxRun(outcome, one, asked) };
  };
  if (more.length === 0) return runBy(first);
  const mark = evm.snapshot();
  let made = await runBy(first);
  for (const plan of more) {
    if (isGood(made.ran)) break;
    evm.revert(mark);
    const next = await runBy(plan).catch(unlessTooLarge(plan));
    if (next === undefined) {
      evm.revert(mark);
      return runBy(first);
    }
    made = next;
  }
  return made;
}

async function run(evm: Evm, asked: EvmTransaction, { tx, index }: PlacedTx): Promise<EvmOutcome> {
  try {
    return await evm.run(asked);
  } catch (error) {
    if (error instanceof EngineMemoryExhausted) throw new ReplayTooLarge(tx.hash ?? `#${index + 1}`, error);
    throw error;
  }
}

function toTxRun(outcome: EvmOutcome, { index, tx, role }: PlacedTx, asked: EvmTransaction): TxRun {
  const common = { index, tx: tx.hash ?? null, role };
  const nothing = { gasUsed: 0n, output: "0x", logs: noLogs, fee: 0n } as const;
  if (outcome.kind === "refused")
    return { ...common, status: "refused", refusal: outcome.reason, detail: outcome.detail, ...nothing };
  const { succeeded, gasUsed, output, trace } = outcome;
  const logs = logsOf(trace).map(({ address, topics, data }) => ({ address, topics, data }));
  return {
    ...common,
    status: succeeded ? "succeeded" : "failed",
    gasUsed,
    output,
    logs: hashOf(logs),
    fee: gasUsed * priceOf(asked, asked.block?.baseFeePerGas ?? 0n),
  };
}

const noLogs = hashOf([]);

function priceOf({ gasPrice, maxFeePerGas, maxPriorityFeePerGas }: EvmTransaction, baseFee: bigint): bigint {
  if (maxFeePerGas === undefined) return gasPrice ?? baseFee;
  const wanted = baseFee + (maxPriorityFeePerGas ?? gasPrice ?? 0n);
  return wanted < maxFeePerGas ? wanted : maxFeePerGas;
}

/** Who is paid for the blocks of `placed`. */
export function coinbasesOf(capsule: Capsule, placed: readonly PlacedTx[]): Set<Address> {
  return new Set(placed.map(({ tx }) => blockOf(capsule, tx.blockNumber).coinbase));
}
