// One call of a probe on the seam, judged by the production detectors and by nothing of its own.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Evm, EvmOutcome } from "@testudo/core/model/Evm";
import { isAtLeast } from "@testudo/core/model/Finding";
import type { Address } from "@testudo/core/model/Hex";
import { atBlock, fromTx, isNodeRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { judgeTx, type TxFinding } from "@testudo/core/pipeline/judgeTx";
import type { ProbeCall } from "./ProbeCall.ts";
import { blockSeconds } from "./templatesOf.ts";

/** Where calls are made, and who is not to lose by them. */
export interface ProbeGround {
  readonly evm: Evm;
  readonly chainId: number;
  /** The protected set P. */
  readonly protect: readonly Address[];
  /** What a call may burn. */
  readonly gas: bigint;
  /** The block of the first call. */
  readonly block: { readonly number: bigint; readonly timestamp: bigint };
}

export interface ProbeRun {
  readonly succeeded: boolean;
  /** What the detectors say, where it took from P what the drain detector calls high or worse. */
  readonly drains?: readonly TxFinding[];
}

/** Makes `call`, `seconds` after the ground's block, and keeps what it wrote. Throws what the engine's state throws. */
export async function runProbeCall(ground: ProbeGround, call: ProbeCall, seconds: number): Promise<ProbeRun> {
  const { evm, protect, gas } = ground;
  const mark = evm.snapshot();
  const { from, to, input, value } = call;
  const block = later(ground.block, seconds);
  const outcome = await evm.run({ from, to, input, value, gas, gasPrice: 0n, block });
  if (outcome.kind !== "ran" || !outcome.succeeded) return { succeeded: false };
  if (!comesNear(outcome.trace, protect)) return { succeeded: true };
  const findings = await judgeOutcome(ground, outcome, mark, block);
  return findings.some(isDrain) ? { succeeded: true, drains: findings } : { succeeded: true };
}

/** The block so many seconds later, with one for every twelve. */
function later({ number, timestamp }: ProbeGround["block"], seconds: number): ProbeGround["block"] {
  return { number: number + BigInt(Math.ceil(seconds / blockSeconds)), timestamp: timestamp + BigInt(seconds) };
}

// What enters none of P and names none of it, as a payer or payee say, takes nothing from it: it need not be judged.
function comesNear(trace: CallFrame, protect: readonly Address[]): boolean {
  const names = protect.map((address) => address.slice(2));
  const isNamed = (text: string) => names.some((name) => text.includes(name));
  return walk(trace).some(
    ({ frame, parent, context }) =>
      (parent !== undefined && (protect.includes(context) || isNamed(frame.input))) ||
      frame.logs.some(({ topics }) => topics.some(isNamed)),
  );
}

function isDrain({ detector, severity }: TxFinding): boolean {
  return detector === "asset-drain" && isAtLeast(severity, "high");
}

async function judgeOutcome(
  { evm, chainId, protect }: ProbeGround,
  { trace }: Extract<EvmOutcome, { kind: "ran" }>,
  mark: number,
  block: ProbeGround["block"],
): Promise<readonly TxFinding[]> {
  const answer = async (reads: readonly StateRead[]) => {
    const answers: StateAnswer[] = [];
    for (const asked of reads) {
      const at = atBlock(asked.at);
      if (!isNodeRead(asked) || typeof at !== "string") {
        answers.push({ ok: false, error: `unsupported: a probe answers no "${asked.kind}".` });
        continue;
      }
      const { at: where, ...read } = asked;
      answers.push(fromTx(where, await evm.read(read, at === "parent" ? mark : undefined)));
    }
    return answers;
  };
  return (await judgeTx({ trace, chainId, block }, { protect, answer })).findings;
}
