// The recorded attack where a patch is in force, with the gas of one plan.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { OpenEvm } from "@testudo/core/model/Evm";
import { ruleKinds } from "@testudo/core/model/GuardRule";
import { type Address, wordAt } from "@testudo/core/model/Hex";
import { functionSelector } from "@testudo/core/model/signatureHash";
import { amountsOf, type Holding } from "../capsule/holdings.ts";
import { watchState } from "../capsule/watchedState.ts";
import { openEvm as openOurs } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import { isAsBeside } from "./changesOf.ts";
import type { GasPlan } from "./gateGas.ts";
import { holdingsTouched } from "./holdingsTouched.ts";
import type { Attacked } from "./judgeAttack.ts";
import { type Baseline, type Measured, playMeasured } from "./playBaseline.ts";
import type { PlayOptions } from "./playTransactions.ts";
import type { Trial } from "./Trial.ts";

/** The attack by a plan, and which contracts refused a call of it as the second in its block. */
export interface AttackedBy extends Attacked {
  readonly refusedTwice: ReadonlySet<Address>;
}

/** Where it is played, from `mark` on. */
export type Ground = Pick<Trial, "evm" | "mark" | "scene">;

export interface PlayByOptions extends Pick<PlayOptions, "before"> {
  readonly openEvm?: OpenEvm;
}

export async function playAttackBy(
  baseline: Baseline,
  { evm, mark, scene }: Ground,
  plan: GasPlan,
  { openEvm = openOurs, before }: PlayByOptions = {},
): Promise<AttackedBy> {
  const { capsule, placed, holders, holdings } = baseline;
  evm.revert(mark);
  const traces: CallFrame[] = [];
  const play: PlayOptions = {
    plansFor: ({ role }) => (role === "attack" || scene.gates.length === 0 ? [plan] : ["recorded", "enough", "much"]),
    ...(before === undefined ? {} : { before }),
    isGood: (run) => run.role === "attack" || isAsBeside(baseline, run),
    onOutcome: (outcome, { role }) => {
      if (role === "attack" && outcome.kind === "ran") traces.push(outcome.trace);
    },
  };
  const once = await playMeasured(evm, capsule, placed, holdings, play);
  const refusedTwice = new Set(traces.flatMap((trace) => walk(trace)).flatMap(({ frame }) => refuserIn(frame)));
  // With a patch in its way it may take what it did not touch without one.
  const { named, maybe } = holdingsTouched(holders, traces);
  const more = [...named, ...maybe].filter((one) => !has(holdings, one));
  if (more.length === 0) return { ...once, hidden: hiddenIn(baseline, once), refusedTwice };
  evm.revert(mark);
  const twice = await playMeasured(evm, capsule, placed, [...holdings, ...more], play);
  const silent = twice.unread.filter((one) => has(more, one));
  if (silent.length === 0) return { ...twice, hidden: hiddenIn(baseline, twice), refusedTwice };
  const bare = await openEvm(watchState(capsule).source, blockOf(capsule, placed[0]!.tx.blockNumber));
  const amounts = await amountsOf(bare, silent);
  const hidden = [...hiddenIn(baseline, twice), ...silent.filter((_, i) => amounts[i] !== null)];
  return { ...twice, hidden, refusedTwice };
}

function hiddenIn({ holdings, unread }: Baseline, now: Measured): readonly Holding[] {
  return now.unread.filter((one) => has(holdings, one) && !has(unread, one));
}

function has(holdings: readonly Holding[], { holder, token }: Holding): boolean {
  return holdings.some((one) => one.holder === holder && one.token === token);
}

const refusal = functionSelector("Breaker_RuleRefused(bytes4,uint8,uint256,uint256)");
const noSameBlock = BigInt(ruleKinds.indexOf("NO_SAME_BLOCK"));

function refuserIn({ error, output, to }: CallFrame): readonly Address[] {
  const isTwice =
    error !== undefined && output.startsWith(refusal) && wordAt(`0x${output.slice(10)}`, 1) === noSameBlock;
  return isTwice ? [to] : [];
}
