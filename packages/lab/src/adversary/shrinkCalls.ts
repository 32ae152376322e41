import { type Call, withInput } from "./Call.ts";
import { readPlace, writePlace } from "./Place.ts";

/** Fewer calls, then smaller values, as long as `breaks` says that the sequence still does what it did. */
export function shrinkCalls(calls: readonly Call[], breaks: (calls: readonly Call[]) => boolean, mostTries: number): readonly Call[] {
  let tries = 0;
  let best = calls;
  const attempt = (candidate: readonly Call[]): boolean => {
    if (tries >= mostTries) return false;
    tries++;
    if (!breaks(candidate)) return false;
    best = candidate;
    return true;
  };
  // Halves first: most of a long sequence has nothing to do with the end.
  for (let size = best.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at + size <= best.length; )
      if (!attempt([...best.slice(0, at), ...best.slice(at + size)])) at += size;
  for (let at = 0; at < best.length; at++) {
    for (const simpler of simplerOf(best[at]!)) attempt(replaced(best, at, simpler));
    shrinkValues(best[at]!, (simpler) => attempt(replaced(best, at, simpler)));
  }
  return best;
}

const replaced = (calls: readonly Call[], at: number, call: Call): readonly Call[] => calls.map((old, i) => (i === at ? call : old));

function* simplerOf(call: Call): Generator<Call> {
  if (call.seconds > 0) yield { ...call, seconds: 0 };
  if (call.value > 0n) yield { ...call, value: 0n };
}

/** Each value to zero, or else by halves as far as it goes. */
function shrinkValues(call: Call, attempt: (simpler: Call) => boolean): void {
  let now = call;
  call.places.forEach((place, index) => {
    if (place.kind === "address" || place.kind === "bytes") return;
    let value = readPlace(now.input, place);
    if (value === 0n) return;
    const set = (to: bigint): boolean => {
      const input = now.input.slice();
      writePlace(input, now.places[index]!, to);
      const simpler = withInput(now, input);
      if (!attempt(simpler)) return false;
      now = simpler;
      value = to;
      return true;
    };
    if (set(0n)) return;
    while (value > 1n && set(value >> 1n));
    while (value > 0n && value < 1_000n && set(value - 1n));
  });
}
