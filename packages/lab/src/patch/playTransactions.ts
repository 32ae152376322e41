import { logsOf } from "@testudo/core/model/CallTree";
import type { Evm, EvmOutcome, EvmRefusal } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import { EngineMemoryExhausted } from "@testudo/evm/World";
import { blockOf } from "../blockOf.ts";
import type { Capsule, CapsuleTransaction, TransactionRole } from "../Capsule.ts";
import { mostGasIn } from "../mostGasIn.ts";
import { ReplayTooLarge } from "../replayCapsule.ts";
import { toRun } from "../toRun.ts";

/** A transaction of a capsule in its place, and whose work it is: what nobody marked an attack has to stay as it was. */
export interface PlacedTx {
  readonly index: number;
  readonly tx: CapsuleTransaction;
  readonly role: TransactionRole;
}

/** What came of one transaction. */
export interface TxRun {
  readonly index: number;
  readonly tx: Hex | null;
  readonly role: TransactionRole;
  readonly status: "succeeded" | "failed" | "refused";
  /** Why it was refused: it never ran. */
  readonly refusal?: EvmRefusal;
  readonly gasUsed: bigint;
  readonly output: Hex;
  /** SHA-256 over addresses, topics and data of its logs. */
  readonly logs: Hex;
  /** What its gas cost its sender, in wei. */
  readonly fee: bigint;
}

// Whoever sends through a gate has estimated through it: the check takes some of what the record had left.
const gateGas = 50_000n;

/** All transactions of `capsule` in their order. */
export function placeTransactions({ transactions = [] }: Capsule): readonly PlacedTx[] {
  return transactions.map((tx, index) => ({ index, tx, role: tx.role ?? "benign" }));
}

export interface PlayOptions {
  readonly gated: boolean;
  /** Sees each outcome; nothing is kept of its call tree here. */
  readonly onOutcome?: (outcome: EvmOutcome, placed: PlacedTx) => void | Promise<void>;
  readonly before?: (placed: PlacedTx) => void | Promise<void>;
}

/** Runs `placed` one after the other on `evm`, and tells what came of each. */
export async function playTransactions(
  evm: Evm,
  capsule: Capsule,
  placed: readonly PlacedTx[],
  { gated, before, onOutcome }: PlayOptions,
): Promise<readonly TxRun[]> {
  const runs: TxRun[] = [];
  for (const one of placed) {
    await before?.(one);
    const outcome = await run(evm, capsule, one, gated);
    await onOutcome?.(outcome, one);
    runs.push(toTxRun(outcome, one, capsule));
  }
  return runs;
}

async function run(evm: Evm, capsule: Capsule, { tx, index }: PlacedTx, gated: boolean): Promise<EvmOutcome> {
  try {
    const asked = toRun(capsule, tx);
    return await evm.run(gated ? { ...asked, gas: gasThroughGate(capsule, tx) } : asked);
  } catch (error) {
    if (error instanceof EngineMemoryExhausted) throw new ReplayTooLarge(tx.hash ?? `#${index + 1}`, error);
    throw error;
  }
}

/** Where the rules allow no more, what it has must do: more would be refused, and look like an attack that was stopped. */
function gasThroughGate(capsule: Capsule, { gas, blockNumber }: CapsuleTransaction): bigint {
  const most = mostGasIn(blockOf(capsule, blockNumber));
  const wanted = gas + gateGas;
  return most === undefined || wanted <= most ? wanted : gas > most ? gas : most;
}

function toTxRun(outcome: EvmOutcome, { index, tx, role }: PlacedTx, capsule: Capsule): TxRun {
  const common = { index, tx: tx.hash ?? null, role };
  if (outcome.kind === "refused")
    return { ...common, status: "refused", refusal: outcome.reason, gasUsed: 0n, output: "0x", logs: noLogs, fee: 0n };
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
