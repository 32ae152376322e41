import { logsOf } from "@testudo/core/model/CallTree";
import type { Evm, EvmOutcome } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import { blockOf } from "../blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../Capsule.ts";
import { ReplayTooLarge } from "../replayCapsule.ts";
import { toRun } from "../toRun.ts";
import { gasesThrough, isAsBefore } from "./gateGas.ts";
import type { PlacedTx, TxRun } from "./TxRun.ts";

/** All transactions of `capsule` in their order. */
export function placeTransactions({ transactions = [] }: Capsule): readonly PlacedTx[] {
  return transactions.map((tx, index) => ({ index, tx, role: tx.role ?? "benign" }));
}

export interface PlayOptions {
  readonly gated: boolean;
  /** What came of the same transactions without a gate. */
  readonly was?: readonly TxRun[];
  /** Sees each outcome; nothing is kept of its call tree here. */
  readonly onOutcome?: (outcome: EvmOutcome, placed: PlacedTx) => void | Promise<void>;
  readonly before?: (placed: PlacedTx) => void | Promise<void>;
}

/** Runs `placed` one after the other on `evm`, and tells what came of each. */
export async function playTransactions(
  evm: Evm,
  capsule: Capsule,
  placed: readonly PlacedTx[],
  { gated, was = [], before, onOutcome }: PlayOptions,
): Promise<readonly TxRun[]> {
  const runs: TxRun[] = [];
  for (const one of placed) {
    await before?.(one);
    const outcome = await (gated ? runThrough(evm, capsule, one, was) : run(evm, capsule, one));
    await onOutcome?.(outcome, one);
    runs.push(toTxRun(outcome, one, capsule));
  }
  return runs;
}

async function runThrough(evm: Evm, capsule: Capsule, one: PlacedTx, all: readonly TxRun[]): Promise<EvmOutcome> {
  const was = all.find(({ index }) => index === one.index);
  const [first, second] = gasesThrough(capsule, one, was);
  const mark = evm.snapshot();
  const outcome = await run(evm, capsule, one, first);
  if (isAsBefore(was, outcome) || second === first) return outcome;
  evm.revert(mark);
  return run(evm, capsule, one, second);
}

async function run(evm: Evm, capsule: Capsule, { tx, index }: PlacedTx, gas?: bigint): Promise<EvmOutcome> {
  try {
    const asked = toRun(capsule, tx);
    return await evm.run(gas === undefined ? asked : { ...asked, gas });
  } catch (error) {
    if (error instanceof EngineMemoryExhausted) throw new ReplayTooLarge(tx.hash ?? `#${index + 1}`, error);
    throw error;
  }
}

function toTxRun(outcome: EvmOutcome, { index, tx, role }: PlacedTx, capsule: Capsule): TxRun {
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
    fee: gasUsed * priceOf(tx, blockOf(capsule, tx.blockNumber).baseFeePerGas),
  };
}

const noLogs = hashOf([]);

function priceOf({ gasPrice, maxFeePerGas, maxPriorityFeePerGas }: CapsuleTransaction, baseFee: bigint): bigint {
  if (maxFeePerGas === undefined) return gasPrice ?? baseFee;
  const wanted = baseFee + (maxPriorityFeePerGas ?? 0n);
  return wanted < maxFeePerGas ? wanted : maxFeePerGas;
}

/** Who is paid for the blocks of `placed`. */
export function coinbasesOf(capsule: Capsule, placed: readonly PlacedTx[]): Set<Address> {
  return new Set(placed.map(({ tx }) => blockOf(capsule, tx.blockNumber).coinbase));
}
