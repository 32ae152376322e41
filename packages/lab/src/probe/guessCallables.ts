import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Engine } from "@testudo/evm/openEngine";
import { type Callable, guessedCallable, rawCallable } from "../adversary/Callable.ts";
import { guessInputs, unguessed } from "./guessInputs.ts";

// Nothing, two words or six, for code without a dispatcher, and for what stands behind one.
const rawWords = [0, 2, 6];
// Each takes a handful of calls to be asked; what comes after so many is taken as it is.
const mostGuessed = 128;

/** What may be called at `to`, in the order of `functions`. Throws what the engine's source throws. */
export async function guessCallables(
  engine: Engine,
  from: Address,
  to: Address,
  functions: readonly Hex[],
): Promise<Callable[]> {
  const callables = rawWords.map((count) => rawCallable(to, count));
  for (const [i, selector] of functions.entries()) {
    const { inputs, isPayable } = i < mostGuessed ? await guessInputs({ engine, from, to, selector }) : unguessed;
    callables.push(...inputs.map((one) => guessedCallable(to, selector, one, isPayable)));
  }
  return callables;
}
