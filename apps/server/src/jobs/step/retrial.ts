// A thread that is lost takes what it judged with it. What of it is judged again in a new one, and who is left out then.
import type { Input } from "@testudo/core/model/Input";

/** Why a thread is lost: a detector overran, or the thread died, while `detector` ran if any did. */
export type Loss =
  | { readonly kind: "overran"; readonly detector: string; readonly limitMs: number }
  | { readonly kind: "died"; readonly detector: string | undefined; readonly reason: string };

/** The judging of one input, through as many threads as it takes. */
export interface Trial {
  /** What a new thread is given, in this order; undefined where a new one would only be lost as well. */
  after(loss: Loss): readonly Input[] | undefined;
}

/** Gives each input its trial; reads belong to that of their block. */
export function openTrials(): (input: Input) => Trial {
  let ofBlock: Trial | undefined;
  return (input) => {
    if (input.kind === "reads" && ofBlock !== undefined) return ofBlock;
    const trial = openTrial(input);
    if (input.kind === "block" || input.kind === "pending") ofBlock = trial;
    return trial;
  };
}

function openTrial(input: Input): Trial {
  const blockHash = input.kind === "block" || input.kind === "pending" ? input.bundle.ref.hash : undefined;
  // All of them are told to each new thread, which knows nothing of those before.
  const left = new Map<string, Input>();
  let hasDied = false;
  return {
    after(loss) {
      // What had gathered over many blocks dies with the thread: who runs at its first death need not be who gathered it.
      const isFirstDeath = loss.kind === "died" && !hasDied;
      hasDied ||= isFirstDeath;
      if (!isFirstDeath) {
        const { detector } = loss;
        if (blockHash === undefined || detector === undefined) return undefined;
        left.set(detector, { kind: "detectorLost", detector, blockHash, ...whyOf(loss) });
      }
      return [...left.values(), input];
    },
  };
}

function whyOf(loss: Loss): { readonly what: "timed-out" | "died"; readonly message: string } {
  if (loss.kind === "died") return { what: "died", message: loss.reason };
  return { what: "timed-out", message: `overran its ${loss.limitMs} ms` };
}
