// A gate takes gas before it lets a call in, which what was recorded may not have. Who sends through one has estimated through
// it, and an attacker gives his attack what it needs; but some transactions look at what is left to them. So a run behind gates
// is tried with several amounts, and an attack counts as stopped only where it is with each of them.
import type { EvmTransaction } from "@testudo/core/model/Evm";
import { ReplayTooLarge } from "../capsule/replayCapsule.ts";
import { toRun } from "../capsule/toRun.ts";
import { mostGasTried } from "../engine/mostGasTried.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import { mostGasIn } from "../record/mostGasIn.ts";

/** What was recorded; what it takes to pass a few gates more; several times as much, as far as the rules allow. */
export type GasPlan = "recorded" | "enough" | "much";

/** What an attack is played by where rules are in force: the recorded one comes last, for what is read afterwards. */
export const plansOfRules: readonly GasPlan[] = ["much", "enough", "recorded"];

const slack = 50_000n;
const times = 4n;

/**
 * `tx` of `capsule` with the gas of `plan`. Its prices and its block's are lower in the measure in which it has more, so that
 * more of it costs the sender nothing that others see: what he can pay, he still can, and no more.
 */
export function withGas(capsule: Capsule, tx: CapsuleTransaction, plan: GasPlan): EvmTransaction {
  const asked = toRun(capsule, tx);
  const block = blockOf(capsule, tx.blockNumber);
  const gas = gasBy(plan, asked.gas, mostGasIn(block));
  if (gas === asked.gas) return asked;
  const shared = (price: bigint) => (price * asked.gas) / gas;
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = asked;
  return {
    ...asked,
    gas,
    ...(gasPrice === undefined ? {} : { gasPrice: shared(gasPrice) }),
    ...(maxFeePerGas === undefined ? {} : { maxFeePerGas: shared(maxFeePerGas) }),
    ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas: shared(maxPriorityFeePerGas) }),
    block: { ...asked.block, baseFeePerGas: shared(block.baseFeePerGas) },
  };
}

function gasBy(plan: GasPlan, gas: bigint, allowed = mostGasTried): bigint {
  if (plan === "recorded") return gas;
  const wanted = plan === "enough" ? gas + slack : gas * times + slack;
  const most = allowed < mostGasTried ? allowed : mostGasTried;
  const given = wanted < most ? wanted : most;
  return given > gas ? given : gas;
}

/** More gas than was recorded may be more than a run can hold: an attack that goes on for as long as it has some. */
export function unlessTooLarge(plan: GasPlan) {
  return (error: unknown): undefined => {
    if (plan !== "much" || !(error instanceof ReplayTooLarge)) throw error;
  };
}
