import type { Address } from "@testudo/core/model/Hex";
import { type Call, withInput } from "./Call.ts";
import { readPlace, writePlace } from "./Place.ts";

/** Beyond it pairs are too many to try. */
const mostForPairs = 24;

/**
 * Fewer calls, then simpler ones, as long as `breaks` says that the sequence still does what it did: calls of `sender`, at once,
 * without value, with small arguments. Tries no more than `mostTries` sequences.
 */
export function shrinkCalls(
  calls: readonly Call[],
  sender: Address,
  breaks: (calls: readonly Call[]) => boolean,
  mostTries: number,
): readonly Call[] {
  let tries = 0;
  let best = calls;
  const attempt = (candidate: readonly Call[]): boolean => {
    if (tries >= mostTries) return false;
    tries++;
    if (!breaks(candidate)) return false;
    best = candidate;
    return true;
  };
  const change = (at: number, to: Call): boolean => attempt(best.map((old, i) => (i === at ? to : old)));
  // Halves first: most of a long sequence has nothing to do with the end.
  for (let size = best.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at + size <= best.length; ) if (!attempt(without(best, at, size))) at += size;
  if (best.length <= mostForPairs) dropPairs(() => best, attempt);
  for (let at = 0; at < best.length; at++)
    simplify(
      () => best[at]!,
      sender,
      (to) => change(at, to),
    );
  for (let at = 0; at < best.length; at++)
    lower(
      () => best[at]!,
      (to) => change(at, to),
    );
  return best;
}

/** The time that passed before what is left out passes before what comes after it. */
function without(calls: readonly Call[], at: number, size: number): readonly Call[] {
  const passed = calls.slice(at, at + size).reduce((sum, { seconds }) => sum + seconds, 0);
  const rest = calls.slice(at + size).map((call, i) => (i > 0 ? call : { ...call, seconds: call.seconds + passed }));
  return [...calls.slice(0, at), ...rest];
}

/** What goes one way and back again goes only together. */
function dropPairs(best: () => readonly Call[], attempt: (candidate: readonly Call[]) => boolean): void {
  for (let i = 0; i < best().length; i++)
    for (let j = i + 1; j < best().length; j++) if (attempt(without(without(best(), j, 1), i, 1))) j = i;
}

function simplify(call: () => Call, sender: Address, change: (to: Call) => boolean): void {
  if (call().seconds > 0) change({ ...call(), seconds: 0 });
  if (call().value > 0n) change({ ...call(), value: 0n });
  if (call().from !== sender) change({ ...call(), from: sender });
  for (let i = 0; i < call().places.length; i++) if (valueAt(call(), i) !== 0n) change(withValue(call(), i, 0n));
}

/** Each number by halves as far as it goes, and small ones by one. */
function lower(call: () => Call, change: (to: Call) => boolean): void {
  for (let i = 0; i < call().places.length; i++) {
    const { kind } = call().places[i]!;
    if (kind === "address" || kind === "bytes") continue;
    while (valueAt(call(), i) > 1n && change(withValue(call(), i, valueAt(call(), i) >> 1n)));
    while (
      valueAt(call(), i) > 0n &&
      valueAt(call(), i) < 256n &&
      change(withValue(call(), i, valueAt(call(), i) - 1n))
    );
  }
}

const valueAt = ({ input, places }: Call, index: number): bigint => readPlace(input, places[index]!);

function withValue(call: Call, index: number, value: bigint): Call {
  const input = call.input.slice();
  writePlace(input, call.places[index]!, value);
  return withInput(call, input);
}
