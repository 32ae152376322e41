// Values worth trying: what the code is written with, what storage holds, what was compared with what.

import type { Chance } from "./Chance.ts";
import { pushedConstants } from "./pushedConstants.ts";

export interface Dictionary {
  add(value: bigint): void;
  /** One of them; 0 where there is none. */
  pick(chance: Chance): bigint;
}

/** Beyond it the oldest of those that were learned go. */
const most = 4_096;

/** A dictionary that begins with the constants of `codes` and `given`, which stay. */
export function openDictionary(codes: readonly Uint8Array[], given: readonly bigint[]): Dictionary {
  const values = [...new Set([...given, ...codes.flatMap(pushedConstants)])];
  const known = new Set(values);
  const fixed = values.length;
  let next = fixed;
  return {
    add(value) {
      // Small numbers come by themselves.
      if (value < 256n || known.has(value)) return;
      const old = values[next];
      if (old !== undefined) known.delete(old);
      known.add(value);
      values[next] = value;
      next = next + 1 === fixed + most ? fixed : next + 1;
    },
    pick: (chance) => (values.length === 0 ? 0n : chance.pick(values)),
  };
}
