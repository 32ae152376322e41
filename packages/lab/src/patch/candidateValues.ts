// Parameters that the attack's calls were judged by, tightened step by step within the bounds that the timelock wrote.
import { riskSteward } from "@testudo/contracts";
import type { Evm } from "@testudo/core/model/Evm";
import { type Address, type Hex, wordAt } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import type { ParameterPatch } from "./Patch.ts";
import type { Consulted } from "./victimCalls.ts";

/** One value to try, and why. */
export interface ValueCandidate {
  readonly patch: ParameterPatch;
  readonly why: string;
}

const valueOfSelector = functionSelector("valueOf(bytes32)");
// Halfway to the tight end, three quarters, … : beyond a thousandth only the end itself is left.
const halvings = 10n;

/**
 * Values for every parameter of a RiskSteward that was read in the middle of the attack, the loosest first. `by` proposes
 * them. A parameter of a coupled group is left out: it moves only with the others.
 */
export async function candidateValues(
  evm: Evm,
  consulted: readonly Consulted[],
  by: Address,
): Promise<readonly ValueCandidate[]> {
  const read = consulted.filter(({ input }) => input.startsWith(valueOfSelector) && input.length === 74);
  const candidates: ValueCandidate[] = [];
  for (const { to, input } of read) candidates.push(...(await tightened(evm, to, `0x${input.slice(10)}`, input, by)));
  return candidates;
}

async function tightened(evm: Evm, steward: Address, id: Hex, input: Hex, by: Address): Promise<ValueCandidate[]> {
  const answer = await evm.read({ kind: "call", to: steward, data: input });
  const present = answer.ok ? wordAt(answer.value, 0) : undefined;
  const bounds = await boundsOf(evm, steward, id);
  if (present === undefined || bounds === undefined || BigInt(bounds.coupledGroup) !== 0n) return [];
  const end = bounds.tightDirection === 0 ? bounds.floor : bounds.ceil;
  const steps = Array.from({ length: Number(halvings) }, (_, i) => end + (present - end) / 2n ** BigInt(i + 1));
  return [...new Set([...steps, end])]
    .filter((value) => value !== present)
    .map((value) => ({
      patch: { kind: "parameter", name: `${id} from ${present} to ${value}`, steward, by, values: [{ id, value }] },
      why: `The attack's calls read it, and it may lie within ${bounds.floor} and ${bounds.ceil}.`,
    }));
}

async function boundsOf(evm: Evm, steward: Address, id: Hex) {
  const { abi } = riskSteward;
  const data = encodeFunctionData({ abi, functionName: "boundsOf", args: [id] });
  const answer = await evm.read({ kind: "call", to: steward, data });
  if (!answer.ok) return undefined;
  try {
    return decodeFunctionResult({ abi, functionName: "boundsOf", data: answer.value });
  } catch {
    // Somebody else's contract with a view of the same name.
    return undefined;
  }
}
