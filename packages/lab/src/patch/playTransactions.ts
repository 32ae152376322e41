import { logsOf } from "@testudo/core/model/CallTree";
import type { Evm, EvmOutcome, EvmTransaction } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import { blockOf } from "../blockOf.ts";
import type { Capsule } from "../Capsule.ts";
import { ReplayTooLarge } from "../replayCapsule.ts";
import { type GasPlan, withGas } from "./gateGas.ts";
import type { PlacedTx, TxRun } from "./TxRun.ts";

/** All transactions of `capsule` in their order. */
export function placeTransactions({ transactions = [] }: Capsule): readonly PlacedTx[] {
  return transactions.map((tx, index) => ({ index, tx, role: tx.role ?? "benign" }));
}

export interface PlayOptions {
  /** How much gas there is; default: what was recorded. */
  readonly gas?: (placed: PlacedTx) => GasPlan;
  /** Sees each outcome; nothing is kept of its call tree here. */
  readonly onOutcome?: (outcome: EvmOutcome, placed: PlacedTx) => void | Promise<void>;
  readonly before?: (placed: PlacedTx) => void | Promise<void>;
}

/** Runs `placed` one after the other on `evm`, and tells what came of each. */
export async function playTransactions(
  evm: Evm,
  capsule: Capsule,
  placed: readonly PlacedTx[],
  { gas = () => "recorded", before, onOutcome }: PlayOptions = {},
): Promise<readonly TxRun[]> {
  const runs: TxRun[] = [];
  for (const one of placed) {
    await before?.(one);
    const asked = withGas(capsule, one.tx, gas(one));
    const outcome = await run(evm, asked, one);
    await onOutcome?.(outcome, one);
    runs.push(toTxRun(outcome, one, asked));
  }
  return runs;
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
