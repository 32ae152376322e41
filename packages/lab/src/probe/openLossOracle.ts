// Does anything protected shrink? Asked after each change of state; what shrinks it is made small, and is judged by others.
import type { Address } from "@testudo/core/model/Hex";
import type { Call } from "../adversary/Call.ts";
import { guessedCallable } from "../adversary/Callable.ts";
import type { OracleSetting, Oracles } from "../adversary/openOracles.ts";
import { readPath } from "../adversary/Path.ts";
import type { State } from "../adversary/Stage.ts";
import { shrinkCalls } from "../adversary/shrinkCalls.ts";
import { type Holding, leftOf, lossLevels, readHeld } from "./guardCode.ts";

/** Calls after which a holding is less than it was. */
export type Suspect = readonly Call[];

export interface LossOracle extends Oracles {
  /** What was found since it was last asked. */
  takeSuspects(): readonly Suspect[];
  /** Something was suspected and not looked at, as there was so much before: what comes of it says nothing good. */
  isFull(): boolean;
}

/** Where the guard's code stands, and what it reads. */
export interface Guard {
  readonly address: Address;
  readonly holdings: readonly Holding[];
}

export const mostSuspects = 64;
const triesToShrink = 300;

export function openLossOracle({ stage, notePath, target }: OracleSetting, { address, holdings }: Guard): LossOracle {
  const callable = guessedCallable(address, "0x", [], false);
  const from = target.senders[0]!;
  const input = new Uint8Array();
  const check: Call = { callable, from, value: 0n, seconds: 0, input, places: [] };
  const seen = new Set<string>();
  let count = 0;
  let isFull = false;
  let suspects: Suspect[] = [];

  /** The greatest loss after a state: which holding, and the number of its level; undefined for none. */
  function lossAfter(state: State): { readonly holding: number; readonly level: number } | undefined {
    if (holdings.length === 0) return undefined;
    stage.enter(state);
    stage.clear();
    stage.add(check, { takesBack: "itself", keepsComparisons: "always", wantsOutput: true });
    stage.run();
    if (!stage.ran(0) || !stage.batch.succeeded(0)) return undefined;
    notePath(readPath(stage.batch.comparisons(0)), { state, call: check });
    return greatest(stage.batch.output(0), holdings);
  }

  // One of each kind is judged: the function that comes last, what is lost, and about how much.
  function isKnown(calls: readonly Call[], loss: { readonly holding: number; readonly level: number }): boolean {
    const key = `${calls.at(-1)?.callable.signature}|${loss.holding}|${loss.level}|${calls.length}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  }

  function keep(suspect: Suspect): void {
    isFull = count >= mostSuspects;
    if (isFull) return;
    count++;
    suspects.push(suspect);
  }

  function judgeState(state: State): void {
    if (isFull) return;
    const loss = lossAfter(state);
    if (loss === undefined || isKnown(state.calls, loss)) return;
    const { holding, level } = loss;
    let least = state.calls;
    try {
      least = shrinkCalls(
        state.calls,
        from,
        (calls) => {
          const left = calls.length === 0 ? undefined : lossAfter({ calls });
          if (left?.holding !== holding || left.level < level) return false;
          least = calls;
          return true;
        },
        triesToShrink,
      );
    } finally {
      // A turn that ends in between leaves what is as small as it came to be.
      if (least.length === state.calls.length || !isKnown(least, loss)) {
        keep(least);
      }
    }
  }

  return {
    violations: [],
    judgeCall: () => undefined,
    judgeState,
    takeSuspects() {
      const all = suspects;
      suspects = [];
      return all;
    },
    isFull: () => isFull,
  };
}

/** The first of the greatest losses among the words of `output`. */
function greatest(output: Uint8Array, holdings: readonly Holding[]) {
  let worst: { holding: number; level: number } | undefined;
  for (const [holding, { amount }] of holdings.entries()) {
    const held = readHeld(output, holding);
    const level = lossLevels.findLastIndex((bps) => held < amount && held <= leftOf(amount, bps));
    if (level > (worst?.level ?? -1)) worst = { holding, level };
  }
  return worst;
}
