import { toHex } from "../record/bytes.ts";
import type { Suspect } from "./openLossOracle.ts";
import type { HarmfulCall, ProbeCall } from "./ProbeCall.ts";
import { type ProbeGround, runProbeCall } from "./runProbeCall.ts";

/** Makes the calls as transactions, one after the other; the one that the detectors call harm, if there is one. Keeps nothing. */
export async function confirmSuspect(ground: ProbeGround, suspect: Suspect): Promise<HarmfulCall | undefined> {
  const mark = ground.evm.snapshot();
  const before: ProbeCall[] = [];
  let passed = 0;
  try {
    for (const { callable, from, value, input, seconds } of suspect) {
      const call = { from, to: callable.to, input: toHex(input), value, seconds };
      passed += seconds;
      const { drains } = await runProbeCall(ground, call, passed);
      if (drains !== undefined) return { ...call, before, findings: drains };
      before.push(call);
    }
    return undefined;
  } finally {
    ground.evm.revert(mark);
  }
}
