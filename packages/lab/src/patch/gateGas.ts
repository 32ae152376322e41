// A gate takes gas before it lets a call in, which what was recorded may not have. Who sends through one has estimated through
// it, and an attacker gives his attack what it needs. What it costs beyond the record is given to the senders, and taken out of
// every comparison: else what they cannot pay for would look like an attack that was stopped, or a user who was shut out.
import type { EvmOutcome } from "@testudo/core/model/Evm";
import type { Address } from "@testudo/core/model/Hex";
import { blockOf } from "../blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../Capsule.ts";
import { gasOf } from "../gasOf.ts";
import { mostGasIn } from "../mostGasIn.ts";
import type { RecordedAccount } from "../recordedState.ts";
import type { PlacedTx, TxRun } from "./TxRun.ts";

// Some of it per call: what calls more often needs more, and is tried with all that the rules allow.
const slack = 50_000n;

/**
 * What a transaction is given behind a gate: first and, where it does not come out as in `was`, the same without a gate, then.
 * An attack has all gas first, so that nothing within it runs out, and then what was recorded and a little: some want a call
 * to run out.
 */
export function gasesThrough(
  capsule: Capsule,
  { tx, role }: PlacedTx,
  was: TxRun | undefined,
): readonly [bigint, bigint] {
  const [gas, most] = [gasOf(capsule, tx), mostGasOf(capsule, tx)];
  const enough = gas + slack < most ? gas + slack : most;
  if (was?.status === "failed") return [gas, enough];
  return role === "attack" ? [most, enough] : [enough, most];
}

/** Whether it came out as in `was`; where that is not known, well. */
export function isAsBefore(was: TxRun | undefined, outcome: EvmOutcome): boolean {
  return outcome.kind === "ran" && outcome.succeeded === (was?.status !== "failed");
}

/** What the senders of `placed` need beyond what they had to be let in with all gas, in wei. */
export function creditsFor(capsule: Capsule, placed: readonly PlacedTx[]): ReadonlyMap<Address, bigint> {
  const credits = new Map<Address, bigint>();
  for (const { tx } of placed) {
    const price = tx.maxFeePerGas ?? tx.gasPrice ?? blockOf(capsule, tx.blockNumber).baseFeePerGas;
    const credit = (mostGasOf(capsule, tx) - gasOf(capsule, tx)) * price;
    if (credit > 0n) credits.set(tx.from, (credits.get(tx.from) ?? 0n) + credit);
  }
  return credits;
}

/** `accounts` with `credits` paid out. */
export function credited(
  accounts: ReadonlyMap<Address, RecordedAccount>,
  credits: ReadonlyMap<Address, bigint>,
): ReadonlyMap<Address, RecordedAccount> {
  const paid = new Map(accounts);
  for (const [address, credit] of credits) {
    const account = accounts.get(address);
    if (account !== undefined) paid.set(address, { ...account, balance: account.balance + credit });
  }
  return paid;
}

/** By the rules of its block; where they name no bound, what the whole block has. */
function mostGasOf(capsule: Capsule, tx: CapsuleTransaction): bigint {
  const gas = gasOf(capsule, tx);
  const block = blockOf(capsule, tx.blockNumber);
  const wanted = gas + slack;
  const inBlock = block.gasLimit > wanted ? block.gasLimit : wanted;
  const allowed = mostGasIn(block) ?? inBlock;
  const most = allowed < inBlock ? allowed : inBlock;
  return most > gas ? most : gas;
}
