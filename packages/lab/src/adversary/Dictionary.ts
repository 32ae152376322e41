// Values worth trying: what the code is written with, what storage holds, what was compared with what.

import type { Chance } from "./Chance.ts";
import { type Place, writeWord } from "./Place.ts";
import { pushedConstants } from "./pushedConstants.ts";

export interface Dictionary {
  /** Its values, each a word of 32 bytes. */
  readonly bytes: Uint8Array;
  add(value: bigint): void;
  /** Where one of them stands in `bytes`; a zero where there is none. */
  pickPlace(chance: Chance): Place;
  memory(): DictionaryMemory;
  /** Has what it had there. Of a dictionary that began with the same. */
  recall(memory: DictionaryMemory): void;
}

/** Its values in their places, and which place is filled next. */
export interface DictionaryMemory {
  readonly values: readonly bigint[];
  readonly next: number;
}

/** Beyond it the oldest of those that were learned go. */
const most = 4_096;
const wordBytes = 32;

/** A dictionary that begins with the constants of `codes` and `given`, which stay. */
export function openDictionary(codes: readonly Uint8Array[], given: readonly bigint[]): Dictionary {
  const values: bigint[] = [];
  const known = new Set([...given, ...codes.flatMap(pushedConstants)]);
  const fixed = known.size;
  const bytes = new Uint8Array((fixed + most) * wordBytes);
  const places: Place[] = [];
  let next = 0;
  for (const value of known) put(value);

  function put(value: bigint): void {
    values[next] = value;
    places[next] = { at: next * wordBytes, kind: "uint", bits: 256 };
    writeWord(bytes, next * wordBytes, value);
    next = next + 1 === fixed + most ? fixed : next + 1;
  }
  return {
    bytes,
    add(value) {
      // Small numbers come by themselves.
      if (value < 256n || known.has(value)) return;
      const old = values[next];
      if (old !== undefined) known.delete(old);
      known.add(value);
      put(value);
    },
    memory: () => ({ values: [...values], next }),
    recall(memory) {
      known.clear();
      next = 0;
      for (const value of memory.values) {
        known.add(value);
        put(value);
      }
      next = memory.next;
    },
    pickPlace: (chance) => (places.length === 0 ? none : chance.pick(places)),
  };
}

const none: Place = { at: 0, kind: "uint", bits: 256 };
